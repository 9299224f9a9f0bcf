"""What can go wrong around templates."""

from carelane.kit.errors import CarelaneError, ConflictError


class TemplateNotFoundError(CarelaneError):
    """There is no such template"""

    # Not there, archived, another member's or another organization's: all answer alike.
    status = 404
    code = "NOT_FOUND"


class TemplateNameTakenError(ConflictError):
    """A template of this name is there already"""

    code = "NAME_TAKEN"

    def __init__(self) -> None:
        super().__init__("name: expected one that no other template of this kind and scope has")
