"""What can go wrong with merges. Details name records by their ids, never the people."""

from carelane.kit.errors import CarelaneError


class PatientNotFoundError(CarelaneError):
    """No such patient"""

    status = 404
    code = "NOT_FOUND"


class MergeNotFoundError(CarelaneError):
    """No such merge"""

    status = 404
    code = "NOT_FOUND"


class MergeRefusedError(CarelaneError):
    """The two cannot be merged, or the merge not undone"""

    # The detail says why, and what to do first.
    status = 409
    code = "MERGE_REFUSED"
