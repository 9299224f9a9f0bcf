"""What can go wrong with spending credit."""

from carelane.kit.errors import ConflictError


class CreditMissingError(ConflictError):
    """There is not so much credit"""

    def __init__(self, available_cents: int, asked_cents: int) -> None:
        super().__init__(f"the patient has {available_cents} cents of credit available; {asked_cents} were asked for")
