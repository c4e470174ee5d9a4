"""What Sluice is meant to reach, and how near it is."""

from dataclasses import dataclass

from comparison.balancers import is_ours

# Targets hold with connections in the table: the first of these stages that was measured is looked at.
_STAGES = ["held-100k", "placed"]


@dataclass(frozen=True)
class Target:
    """``figure`` of ours, divided by ``peer``'s if there is one, is to be at most or at least ``bound``. With ``best`` the best
    variant of ours counts, not the default.
    """

    figure: str
    peer: str | None
    at_most: bool
    bound: float
    best: bool = False

    def wanted(self):
        """As text."""
        return f"{'<=' if self.at_most else '>='} {self.bound:g}{' (best variant)' if self.best else ''}"

    def missed_by(self, value):
        """0 if met, else by which share of the bound."""
        return max(0.0, (value / self.bound - 1) if self.at_most else (1 - value / self.bound))

    def verdict(self, value):
        """As text."""
        missed = self.missed_by(value)
        return "met" if missed == 0 else f"missed by {missed:.0%}" if missed >= 0.01 else "missed by < 1%"


def _most(figure, bound, *peers):
    return [Target(figure, peer, True, bound) for peer in peers]


def _least(figure, bound, *peers, best=False):
    return [Target(figure, peer, False, bound, best) for peer in peers]


TARGETS = [
    *_most("http-cost", 0.85, "haproxy"),
    *_most("http-cost", 0.95, "nginx"),
    *_most("connections-cost", 0.95, "haproxy", "nginx"),
    *_least("bulk1", 0.95, "nftables"),
    *_least("bulk8", 0.9, "nftables"),
    *_least("bulk1", 1.0, "nginx"),
    *_least("bulk8", 1.0, "nginx"),
    *_least("bulk1", 1.3, "haproxy"),
    *_least("bulk8", 1.3, "haproxy"),
    *_most("bulk-cost", 0.75, "haproxy"),
    *_least("datagrams", 0.95, "nftables", best=True),
    *_most("datagrams-cost", 1.3, "forwarder"),
    *_most("rr-p50", 1.0, "haproxy", "nginx"),
    *_most("rr-p99", 1.0, "haproxy", "nginx"),
    *_most("idle", 1.0, None),
    *_most("bytes-per-connection-1m", 400, None),
    *_most("restart-clean-1m", 2.0, None),
    *_most("restart-killed-1m", 6.0, None),
]


def target_for(figure, peer, stage, results):
    """The target of a figure against a peer, if this is the stage where it counts."""
    measured = results.stages()
    decisive = next((name for name in _STAGES if name in measured), None)
    if peer is not None and stage != decisive:
        return None
    return next((target for target in TARGETS if (target.figure, target.peer) == (figure, peer)), None)


def ratio_for(target, stage, ours, results):
    """The ratio that a target is held against: ours, or that of the best variant."""
    variants = [name for name in results.contenders(stage) if is_ours(name)] if target.best else [ours]
    ratios = [ratio for name in variants if (ratio := results.ratio(stage, name, target.peer, target.figure))]
    if not ratios:
        return None
    return (min if target.at_most else max)(ratios, key=lambda ratio: ratio.median)
