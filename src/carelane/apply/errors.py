"""What can be wrong with an organization file."""

from carelane.kit.errors import CarelaneError, MendableError


class InvalidFileError(CarelaneError):
    """The organization file cannot be applied"""

    status = 400
    code = "INVALID_FILE"


class ChangedElsewhereError(CarelaneError):
    """The organization file would overwrite what was changed elsewhere"""

    # One problem for each field that has another value than was last applied, and a third one in the file.
    status = 409
    code = "CHANGED_ELSEWHERE"


class UnknownTenantError(MendableError):
    """Nobody said whose file, or it is nobody's."""

    def __init__(self, tenants: list[str]) -> None:
        there = (
            f"expected one of {', '.join(tenants)}" if tenants else "there is none yet; make one with carelane apply"
        )
        super().__init__(f"which organization? {there}")
