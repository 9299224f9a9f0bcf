"""What can go wrong around the catalogue."""

from carelane.kit.errors import CarelaneError


class BundleNotFoundError(CarelaneError):
    """Bundle not found"""

    # 400, as the seed has it; another organization's bundle answers the same.
    status = 400
    code = "NOT_FOUND"

    def __init__(self, bundle_id: str = "00000000-0000-0000-0000-000000000000") -> None:
        super().__init__(f"Bundle with ID {bundle_id} not found")


class ProductNotFoundError(CarelaneError):
    """Product not found"""

    # As with bundles.
    status = 400
    code = "NOT_FOUND"

    def __init__(self, product_id: str = "00000000-0000-0000-0000-000000000000") -> None:
        super().__init__(f"Product with ID {product_id} not found")
