"""Opening an order. Each look is recorded as one at its case."""

from uuid import UUID

from msgspec.structs import asdict

from carelane import events
from carelane.kit.auth import Actor
from carelane.kit.damage import DAMAGED, shown, shown_as
from carelane.kit.phi import DataKey
from carelane.orders.contents import queries
from carelane.orders.contents.queries import SealedOrder, SealedParcel
from carelane.orders.contents.schemas import (
    ItemApprovalOut,
    OrderContentsOut,
    ParcelOut,
    PrescribedItemOut,
    ShippingAddressOut,
    ToldOut,
)
from carelane.orders.desk.access import order_id_of
from carelane.orders.errors import OrderNotFoundError
from carelane.orders.inbox.queries import KEPT
from carelane.orders.inbox.schemas import KeptCallback
from carelane.orders.queries import MESSAGE, PARCEL_LOCATION, PARCEL_MESSAGE, PRESCRIPTION, REPLACEMENT_REASON
from carelane.orders.resolving.queries import RESOLUTION
from carelane.orders.sending.queries import CANCEL_REASON
from carelane.permissions import CASES_READ, ORDERS_READ, requires
from carelane.pharmacies.schemas import Prescription, RxItem
from carelane.services import Services

_MOST = 50


@requires(ORDERS_READ, CASES_READ)
async def get_contents(services: Services, actor: Actor, ref: str) -> OrderContentsOut:
    """Raises OrderNotFoundError. The newest fifty of what the pharmacy told, and of the parcels' moments."""
    organization_id, order_id = actor.organization_id, order_id_of(ref)
    data_key = await services.keyring.data_key(organization_id)
    async with services.db.transaction(actor) as conn:
        order = await queries.find_contents(conn, organization_id, order_id)
        if order is None:
            raise OrderNotFoundError
        told = await queries.list_told(conn, organization_id, order_id, _MOST)
        parcels = await queries.list_parcels(conn, organization_id, order_id, _MOST)
        await events.record_read(conn, actor, "case", order.case_id, "content of an order")
    return _opened(data_key, order, told, parcels)


def _opened(
    data_key: DataKey, order: SealedOrder, told: list[tuple[UUID, bytes]], parcels: list[SealedParcel]
) -> OrderContentsOut:
    rx = None
    if order.sealed is not None:
        rx = shown_as(data_key, order.sealed, PRESCRIPTION, order.id, Prescription, None)
    return OrderContentsOut(
        order_id=order.id,
        patient_id=order.patient_id,
        patient_name=order.patient_name,
        patient_date_of_birth=order.patient_date_of_birth,
        items=[_item(item) for item in rx.items] if rx else [],
        shipping_address=ShippingAddressOut(**asdict(rx.shipping_address)) if rx else None,
        diagnosis=rx.diagnosis if rx else None,
        prescriber=_prescriber(rx) if rx else None,
        message=_text(data_key, order.message_sealed, MESSAGE, order.id),
        cancel_reason=_text(data_key, order.cancel_reason_sealed, CANCEL_REASON, order.id),
        replacement_reason=_text(data_key, order.replacement_reason_sealed, REPLACEMENT_REASON, order.id),
        resolved_at=order.resolved_at,
        resolution=_text(data_key, order.resolution_sealed, RESOLUTION, order.id),
        told=[_told(data_key, *one) for one in told],
        parcels=[_parcel(data_key, one) for one in parcels],
    )


def _item(item: RxItem) -> PrescribedItemOut:
    decision = ItemApprovalOut(**asdict(item.decision)) if item.decision else None
    return PrescribedItemOut(
        drug_id=item.drug_id,
        name=item.name,
        ndc=item.ndc,
        direction=item.direction,
        quantity=item.quantity,
        refill_count=item.refill_count,
        supply_days=item.supply_days,
        decision=decision,
    )


def _prescriber(rx: Prescription) -> str:
    names = (rx.prescriber.title, rx.prescriber.first_name, rx.prescriber.last_name, rx.prescriber.title_suffix)
    return " ".join(name for name in names if name)


def _told(data_key: DataKey, callback_id: UUID, sealed: bytes) -> ToldOut:
    kept = shown_as(data_key, sealed, KEPT, callback_id, KeptCallback, None)
    report = kept.callback.report if kept and kept.callback else None
    return ToldOut(
        id=callback_id,
        reported_status=report.status if report else None,
        message=report.message if report else None if kept else DAMAGED,
    )


def _parcel(data_key: DataKey, parcel: SealedParcel) -> ParcelOut:
    return ParcelOut(
        tracking_id=parcel.tracking_id,
        status=parcel.status,
        location=_text(data_key, parcel.location_sealed, PARCEL_LOCATION, parcel.id),
        message=_text(data_key, parcel.message_sealed, PARCEL_MESSAGE, parcel.id),
        at=parcel.at,
    )


def _text(data_key: DataKey, sealed: bytes | None, place: str, row_id: UUID) -> str | None:
    return None if sealed is None else shown(data_key, sealed, place, row_id)
