"""Reads of receipts. Each is recorded: a receipt names its patient and what was sold to them."""

from carelane import events
from carelane.bills.printing.access import print_receipt
from carelane.bills.printing.views import Printed, printed_of
from carelane.bills.receipts import views
from carelane.bills.receipts.access import get_paid
from carelane.bills.receipts.queries import ReceiptRow
from carelane.bills.receipts.schemas import ItemWithQuantityOut, PaymentReceiptOut
from carelane.kit.auth import Actor
from carelane.kit.ids import record_id
from carelane.permissions import BILLING_READ, requires
from carelane.services import Services


@requires(BILLING_READ)
async def get_receipt(services: Services, actor: Actor, ref: str) -> PaymentReceiptOut:
    """Raises RecordNotFoundError, ConflictError."""
    data_key = await services.keyring.data_key(actor.organization_id)
    return views.show_receipt(data_key, await _read(services, actor, ref, "a receipt"))


@requires(BILLING_READ)
async def list_receipt_items(services: Services, actor: Actor, ref: str) -> list[ItemWithQuantityOut]:
    """Raises RecordNotFoundError, ConflictError."""
    data_key = await services.keyring.data_key(actor.organization_id)
    return views.show_items(data_key, await _read(services, actor, ref, "items of a receipt"))


@requires(BILLING_READ)
async def get_receipt_file(services: Services, actor: Actor, ref: str) -> bytes:
    """As a PDF. Raises RecordNotFoundError, ConflictError."""
    data_key = await services.keyring.data_key(actor.organization_id)
    printed: Printed = printed_of(data_key, await _read(services, actor, ref, "a receipt as a PDF"))
    return await print_receipt(services, actor, printed)


async def _read(services: Services, actor: Actor, ref: str, reason: str) -> ReceiptRow:
    organization_id = actor.organization_id
    async with services.db.transaction(actor) as conn:
        row = await get_paid(conn, organization_id, record_id(organization_id, ref), ref)
        await events.record_read(conn, actor, "payment", row.payment.id, reason)
    return row
