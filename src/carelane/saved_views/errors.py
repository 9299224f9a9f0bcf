"""What can be wrong with a saved view."""

from carelane.kit.errors import ConflictError


class ViewNameTakenError(ConflictError):
    """There is a view of this name"""

    code = "VIEW_NAME_TAKEN"


class TooManyViewsError(ConflictError):
    """There are too many views"""

    code = "TOO_MANY_VIEWS"
