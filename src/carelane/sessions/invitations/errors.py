"""What can go wrong with a link to set a password."""

from carelane.kit.errors import CarelaneError


class LinkOverError(CarelaneError):
    """This link is over"""

    # Used, replaced, expired, or never ours: which, is not told.
    status = 404
    code = "LINK_OVER"
