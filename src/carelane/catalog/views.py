"""The catalogue as the care dialect shows it."""

from carelane.catalog.queries import Bundle, Product
from carelane.catalog.schemas import BundleOut, ProductOut
from carelane.kit.money import decimal_string


def show_bundle(bundle: Bundle) -> BundleOut:
    return BundleOut(
        id=bundle.id,
        name=bundle.name,
        image_url=bundle.image_url,
        description=bundle.description,
        price=decimal_string(bundle.price_cents, bundle.currency),
        price_unit=bundle.currency,
        initial_discount=decimal_string(bundle.initial_discount_cents, bundle.currency),
        is_sold_out=bundle.is_sold_out,
        is_visible=bundle.is_visible,
    )


def show_product(product: Product) -> ProductOut:
    return ProductOut(
        id=product.id,
        name=product.name,
        image_url=product.image_url,
        description=product.description,
        price=decimal_string(product.price_cents, product.currency),
        price_unit=product.currency,
        is_visible=product.is_active,
    )
