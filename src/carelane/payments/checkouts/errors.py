"""What can go wrong with a checkout."""

from carelane.kit.errors import ConflictError


class NothingToPayError(ConflictError):
    """The payment needs nothing from its patient"""
