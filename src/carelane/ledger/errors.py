"""What can go wrong with the ledger."""

from carelane.kit.errors import CarelaneError


class PostedOtherwiseError(CarelaneError):
    """The ledger has this act with another amount"""

    status = 409
    code = "POSTED_OTHERWISE"
