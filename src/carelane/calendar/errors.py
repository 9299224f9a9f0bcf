"""What can go wrong around appointments. Details never name the patient."""

from carelane.kit.errors import CarelaneError


class AppointmentNotFoundError(CarelaneError):
    """Appointment not found"""

    # Unknown, another patient's and another organization's must be indistinguishable.
    status = 404
    code = "NOT_FOUND"


class PatientNotFoundError(CarelaneError):
    """User not found"""

    # No patient with this address, or none who has a case that is not archived; the detail says which.
    status = 404
    code = "USER_NOT_FOUND"


class TimeTakenError(CarelaneError):
    """Time taken"""

    # Somebody else booked it a moment before.
    status = 409
    code = "TIME_TAKEN"

    def __init__(self) -> None:
        super().__init__("startTime: somebody else has this time; ask for the times that are free and take another")


class AppointmentStateError(CarelaneError):
    """The appointment does not allow this"""

    # Canceled, begun or over; the detail says which. Or the case has as many appointments as it may have.
    status = 409
    code = "APPOINTMENT_STATE"
