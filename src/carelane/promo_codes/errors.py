"""What can go wrong when a promo code is asked about."""

from carelane.kit.errors import CarelaneError, FieldProblem


class CodeMissingError(CarelaneError):
    """Promo code is required"""

    status = 400
    code = "VALIDATION_ERROR"

    def __init__(self) -> None:
        super().__init__(problems=[FieldProblem("code", "code is required", "query")])


class BundleIdError(CarelaneError):
    """Invalid product bundle ID"""

    status = 400
    code = "VALIDATION_ERROR"

    def __init__(self) -> None:
        super().__init__(problems=[FieldProblem("product_bundle_id", "expected a UUID", "query")])
