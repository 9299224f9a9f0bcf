"""What can go wrong on the page, beside what every route can."""

from carelane.kit.errors import CarelaneError


class ForeignFormError(CarelaneError):
    """Form of another site"""

    # The browser says that another site's page sent it.
    status = 403
    code = "FOREIGN_FORM"
