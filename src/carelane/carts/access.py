"""From a cart's row to what a caller is shown."""

from carelane import events
from carelane.carts import queries
from carelane.carts.lines import Catalogue, LineRow, SoldItem, SoldPackage, open_words
from carelane.carts.queries import LINE_NOTES, NOTES, CartRow
from carelane.carts.schemas import CartItemOut, CartOut
from carelane.kit.auth import Actor
from carelane.kit.errors import RecordNotFoundError
from carelane.kit.ids import record_id
from carelane.kit.phi import DataKey
from carelane.patients.billing.views import show_patient
from carelane.quotes.access import show_summary
from carelane.services import Services


def unknown_cart(name: str) -> RecordNotFoundError:
    return RecordNotFoundError(f"no cart {name} here")


async def get_cart(services: Services, actor: Actor, name: str) -> CartOut:
    """Raises RecordNotFoundError."""
    data_key = await services.keyring.data_key(actor.organization_id)
    async with services.db.transaction(actor) as conn:
        row = await queries.find_cart(conn, actor.organization_id, record_id(actor.organization_id, name))
        if row is None:
            raise unknown_cart(name)
        await events.record_read(conn, actor, "cart", row.id, "get cart")
    return show_cart(data_key, row)


def show_cart(data_key: DataKey, row: CartRow) -> CartOut:
    patient = show_patient(data_key, row.patient)
    return CartOut(
        id=row.name,
        patient=patient,
        status=row.status,
        discount_amount=row.discount_cents,
        discount_percentage=float(row.discount_percentage),
        tax_amount=row.tax_cents,
        total=row.total_cents,
        subtotal=row.subtotal_cents,
        creator=row.creator,
        items=[_line(data_key, row.name, line, row.catalogue) for line in row.lines],
        quotes=[show_summary(data_key, quote, patient) for quote in row.quotes],
        created_date=row.created_at,
        updated_date=row.updated_at,
        expires_date=row.expires_at,
        notes=open_words(data_key, NOTES, row.id, row.notes),
        converted_charge_id=str(row.charge_id) if row.charge_id else None,
    )


def _line(data_key: DataKey, cart: str, line: LineRow, catalogue: Catalogue) -> CartItemOut:
    sold = catalogue.sold[line.product_id or line.bundle_id]
    item = sold.shown if isinstance(sold, SoldItem) else None
    package = sold.shown if isinstance(sold, SoldPackage) else None
    return CartItemOut(
        id=str(line.id),
        cart_id=cart,
        item_id=item.id if item else None,
        package_id=package.id if package else None,
        quantity=float(line.quantity),
        unit_price=line.unit_price_cents,
        discount_amount=line.discount_amount_cents,
        discount_percentage=float(line.discount_percentage),
        tax_amount=line.tax_cents,
        total_price=line.total_cents,
        notes=open_words(data_key, LINE_NOTES, line.id, line.words),
        item=item,
        package=package,
        created_date=line.created_at,
        updated_date=line.updated_at,
    )
