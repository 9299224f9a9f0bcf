"""From a cart's row to the billing dialect's shape."""

from carelane.carts.offers.views import show_summary
from carelane.carts.queries import LINE_NOTES, NOTES, CartRow
from carelane.carts.schemas import CartItemOut, CartOut
from carelane.kit.phi import DataKey
from carelane.patients.billing.views import show_patient
from carelane.pricing.lines import Catalog, LineRow, SoldItem, SoldPackage, show_text


def show_cart(data_key: DataKey, row: CartRow) -> CartOut:
    patient = show_patient(data_key, row.patient)
    return CartOut(
        id=row.ref,
        patient=patient,
        status=row.status,
        discount_amount=row.discount_cents,
        discount_percentage=float(row.discount_percentage),
        tax_amount=row.tax_cents,
        total=row.total_cents,
        subtotal=row.subtotal_cents,
        creator=row.creator,
        items=[_show_line(data_key, row.ref, line, row.catalog) for line in row.lines],
        quotes=[show_summary(data_key, quote, patient) for quote in row.quotes],
        created_date=row.created_at,
        updated_date=row.updated_at,
        expires_date=row.expires_at,
        notes=show_text(data_key, NOTES, row.id, row.notes),
        converted_charge_id=str(row.charge_id) if row.charge_id else None,
    )


def _show_line(data_key: DataKey, cart_ref: str, line: LineRow, catalog: Catalog) -> CartItemOut:
    sold = catalog.sold[line.sold_id]
    item = sold.shown if isinstance(sold, SoldItem) else None
    package = sold.shown if isinstance(sold, SoldPackage) else None
    return CartItemOut(
        id=str(line.id),
        cart_id=cart_ref,
        item_id=item.id if item else None,
        package_id=package.id if package else None,
        quantity=float(line.quantity),
        unit_price=line.unit_price_cents,
        discount_amount=line.discount_amount_cents,
        discount_percentage=float(line.discount_percentage),
        tax_amount=line.tax_cents,
        total_price=line.total_cents,
        notes=show_text(data_key, LINE_NOTES, line.id, line.text),
        item=item,
        package=package,
        created_date=line.created_at,
        updated_date=line.updated_at,
    )
