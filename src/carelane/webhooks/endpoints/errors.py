"""What can be wrong with a request about webhooks."""

from carelane.kit.errors import CarelaneError


class EndpointNotFoundError(CarelaneError):
    """No such webhook endpoint"""

    status = 404
    code = "NOT_FOUND"


class DeliveryNotFoundError(CarelaneError):
    """No such delivery"""

    status = 404
    code = "NOT_FOUND"


class NameTakenError(CarelaneError):
    """Another endpoint that is switched on has this name"""

    status = 409
    code = "NAME_TAKEN"


class EndpointDisabledError(CarelaneError):
    """The endpoint is switched off"""

    # It would receive nothing; it must be enabled first.
    status = 409
    code = "ENDPOINT_DISABLED"
