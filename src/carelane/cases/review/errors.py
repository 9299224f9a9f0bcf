"""Why an act on a case is refused. The details name how the case stands and members of staff, never the patient."""

from carelane.kit.errors import CarelaneError


class ActRefusedError(CarelaneError):
    """The case's state does not allow this"""

    # The detail says how the case stands now and which acts are possible.
    status = 409
    code = "CASE_STATE"


class CaseHeldError(CarelaneError):
    """Somebody else has the case"""

    # The detail names who.
    status = 409
    code = "CASE_HELD"


class AlreadyDecidedError(CarelaneError):
    """Somebody has decided on this product already"""

    status = 409
    code = "ALREADY_DECIDED"
