"""From what a storefront sent to the prescription that a pharmacy gets, and to the rows of its order. No I/O."""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID, uuid4

import msgspec
from msgspec import UNSET

from carelane import events
from carelane.kit import clock
from carelane.kit.auth import Actor
from carelane.kit.db import Sealed
from carelane.kit.ids import uuid7
from carelane.kit.phi import DataKey
from carelane.orders.preflight.addresses import patient_address
from carelane.orders.preflight.queries import KnownDecision
from carelane.orders.preflight.rulings import Rulings
from carelane.orders.queries import ITEM, PRESCRIPTION, REPLACEMENT_REASON, Order, OrderContext, OrderItem, OrderRows
from carelane.orders.schemas import AddressIn, FindingOut, HealthIn, OrderIn, OrderItemIn, PrescriberIn
from carelane.pharmacies.schemas import PostalAddress, Prescription, RxDecision, RxItem, RxPatient, RxPrescriber


class OrderedCase(Protocol):
    """The case that an order is of."""

    @property
    def id(self) -> UUID: ...
    @property
    def is_test(self) -> bool: ...


class Destination(Protocol):
    """The pharmacy that an order goes to."""

    @property
    def id(self) -> UUID: ...
    @property
    def name(self) -> str: ...


def make_prescription(order: OrderIn, known: OrderContext, pharmacy_code: str, rulings: Rulings) -> Prescription:
    """A new prescription, from a body that passed preflight."""
    shipping = order.shipping_address
    items = [_item(item, known, rulings) for item in order.prescription_items]
    return Prescription(
        order_id=uuid7(),
        external_id=uuid4(),
        organization_name=known.organization_name,
        pharmacy_code=pharmacy_code,
        patient=_patient(known, order.patient_health_info or HealthIn()),
        shipping_address=_address(shipping) if shipping else patient_address(known),
        prescriber=_prescriber(order.prescriber),
        diagnosis=order.diagnosis,
        items=items,
        is_signed=is_signed(order.prescriber, items),
        date_written=_given(order.date_written),
        date_signed=_given(order.date_signed),
        date_prescribed=_given(order.date_prescribed),
        custom_fields=order.custom_fields,
        is_test=known.is_test,
        placed_at=clock.now(),
    )


def _given(text: str | None) -> str | None:
    """A blank optional text counts as none."""
    return text if text and text.strip() else None


def _address(address: AddressIn) -> PostalAddress:
    return PostalAddress(
        address_line1=address.address_line1,
        address_line2=_given(address.address_line2),
        city=address.city,
        state=address.state,
        country=address.country.upper(),
        postal_code=address.postal_code,
    )


def _patient(known: OrderContext, health: HealthIn) -> RxPatient:
    patient = known.patient
    return RxPatient(
        id=patient.id,
        first_name=patient.first_name,
        last_name=patient.last_name,
        email=patient.email,
        phone_number=patient.phone_number,
        date_of_birth=patient.date_of_birth,
        gender=patient.gender,
        allergies=_given(health.allergies),
        health_conditions=_given(health.health_conditions),
        current_medications=_given(health.current_medications),
    )


def _prescriber(prescriber: PrescriberIn) -> RxPrescriber:
    return RxPrescriber(
        first_name=prescriber.first_name,
        last_name=prescriber.last_name,
        title=_given(prescriber.title),
        title_suffix=_given(prescriber.title_suffix),
        npi=prescriber.npi,
        dea=_given(prescriber.dea),
        email=prescriber.email,
        phone_number=prescriber.phone_number,
        address=_address(prescriber.address),
    )


def _item(item: OrderItemIn, known: OrderContext, rulings: Rulings) -> RxItem:
    drug = next(drug for drug in known.drugs if drug.code == item.drug_id)
    ruling = rulings.of(item.drug_id)
    decision = ruling.decision if ruling and ruling.outcome == "APPROVED" else None
    return RxItem(
        drug_id=item.drug_id,
        name=drug.name,
        ndc=drug.ndc,
        direction=_given(item.direction),
        quantity=item.quantity.strip(),
        refill_count=item.refill_count,
        supply_days=item.supply_days,
        decision=UNSET if decision is None else _decision(decision),
    )


def _decision(decision: KnownDecision) -> RxDecision:
    decider = decision.decider
    return RxDecision(
        id=decision.id,
        decided_at=decision.created_at,
        first_name=decider.first_name,
        last_name=decider.last_name,
        npi=decider.npi,
    )


def is_signed(prescriber: PrescriberIn | RxPrescriber, items: Sequence[RxItem]) -> bool:
    """Whether whom the order names as the prescriber is who decided here on all of it: by number and by name."""
    return bool(items) and all(item.decision and _is_same(prescriber, item.decision) for item in items)


def _is_same(prescriber: PrescriberIn | RxPrescriber, decision: RxDecision) -> bool:
    return prescriber.npi == decision.npi and _name(prescriber) == _name(decision)


def _name(person: PrescriberIn | RxPrescriber | RxDecision) -> list[str]:
    return f"{person.first_name} {person.last_name}".casefold().split()


def warnings_of(findings: Sequence[FindingOut]) -> list[str]:
    """As they are kept on the order."""
    return [f"{finding.field}: {finding.message}" for finding in findings]


def make_rows(
    actor: Actor,
    data_key: DataKey,
    prescription: Prescription,
    *,
    case: OrderedCase,
    pharmacy: Destination,
    warnings: Sequence[str] = (),
    idempotency_key: str | None = None,
    replaces: UUID | None = None,
    replacement_reason: str | None = None,
) -> OrderRows:
    """The new order `prescription.order_id` with its items and its event; the prescription and its parts are sealed."""
    organization_id, order_id, reason = actor.organization_id, prescription.order_id, None
    if replacement_reason is not None:
        reason = Sealed(data_key.seal(replacement_reason.encode(), REPLACEMENT_REASON, order_id))
    order = Order(
        organization_id=organization_id,
        id=order_id,
        case_id=case.id,
        external_id=prescription.external_id,
        status="RECEIVED",
        pharmacy_id=pharmacy.id,
        pharmacy_name=pharmacy.name,
        idempotency_key=idempotency_key,
        sealed=Sealed(data_key.seal(msgspec.json.encode(prescription), PRESCRIPTION, order_id)),
        warnings=list(warnings),
        replaces_order_id=replaces,
        replacement_reason_sealed=reason,
        document_id=uuid7(),
        is_test=case.is_test,
    )
    event = events.new_event(actor, "ORDER_CREATED", case.id, target_id=order_id, is_test=case.is_test)
    items = [_item_row(order, position, item, data_key) for position, item in enumerate(prescription.items)]
    return OrderRows(order=order, items=items, drugs=[item.drug_id for item in prescription.items], events=[event])


def _item_row(order: Order, position: int, item: RxItem, data_key: DataKey) -> OrderItem:
    item_id = uuid7()
    sealed = Sealed(data_key.seal(msgspec.json.encode(item), ITEM, item_id))
    return OrderItem(
        organization_id=order.organization_id, id=item_id, order_id=order.id, position=position, sealed=sealed
    )
