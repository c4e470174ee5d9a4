"""The list of checks: each is a function that gets the rig. Their order is that of the lists: what needs a quiet guest comes last."""

from kernellab.checks import handmade, lifetime, ordinary

ALL = ordinary.CHECKS + handmade.CHECKS + lifetime.CHECKS


def title(check):
    """What a check is called in the report."""
    return check.__name__.replace("_", " ")
