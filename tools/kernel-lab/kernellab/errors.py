"""What can go wrong without a check having failed."""


class Unavailable(Exception):
    """Something that had to be fetched or built is not to be had: what needs it is skipped, with this text as the reason."""


class GuestDied(Exception):
    """The guest ended, or no longer answers: what is left to do on it fails."""
