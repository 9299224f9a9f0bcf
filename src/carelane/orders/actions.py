"""Placing an order."""

from typing import Protocol
from uuid import UUID

import msgspec

from carelane import events
from carelane.kit.auth import Actor
from carelane.kit.db import Connection, Sealed
from carelane.kit.errors import FieldProblem, InvalidRequestError
from carelane.kit.ids import uuid7
from carelane.kit.phi import DataKey
from carelane.orders import queries
from carelane.orders.errors import CaseDeniedError, OrderKeyUsedError
from carelane.orders.intake import make_prescription
from carelane.orders.preflight import named, preflight
from carelane.orders.queries import ITEM, PRESCRIPTION, REPLACEMENT_REASON, Order, OrderContext, OrderItem, OrderRows
from carelane.orders.schemas import (
    DryRunDataOut,
    FindingOut,
    OrderPlacedOut,
    PlacedDataOut,
    PlacedOut,
    SentOrder,
)
from carelane.permissions import ORDERS_WRITE, requires
from carelane.pharmacies.schemas import Prescription, RxItem
from carelane.services import Services
from carelane.web import idempotency
from carelane.web.idempotency import RequestKey


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


@requires(ORDERS_WRITE)
async def place_order(
    services: Services, actor: Actor, case_id: UUID, sent: SentOrder, request_key: RequestKey | None
) -> OrderPlacedOut:
    """Writes the order in one transaction; the worker sends it.

    Raises CaseDeniedError, OrderKeyUsedError, InvalidRequestError (with every finding that refuses), and what
    `idempotency.begin` raises. Whatever is raised, nothing stays.
    """
    data_key = await services.keyring.data_key(actor.organization_id)

    async def act(conn: Connection) -> OrderPlacedOut:
        known = await _find_context(conn, actor, case_id, sent, locks=True)
        if known.key_order_id is not None:
            raise OrderKeyUsedError(known.key_order_id)
        findings = preflight(sent, known)
        _refuse(findings)
        return await _write_sent(conn, actor, data_key, sent, known, findings)

    return await idempotency.run_once(services, actor, request_key, act)


@requires(ORDERS_WRITE)
async def try_order(
    services: Services, actor: Actor, case_id: UUID, sent: SentOrder, request_key: RequestKey | None
) -> DryRunDataOut:
    """What `place_order` would find. Writes nothing, locks nothing and uses up no key. Raises CaseDeniedError."""
    data_key = await services.keyring.data_key(actor.organization_id)
    async with services.db.reading(actor.organization_id) as conn:
        known = await _find_context(conn, actor, case_id, sent, locks=False)
        used = await idempotency.find_use(conn, actor.organization_id, data_key, request_key) if request_key else None
    findings = preflight(sent, known)
    if known.key_order_id is not None:
        findings.append(FindingOut("idempotencyKey", OrderKeyUsedError().message, "refuse"))
    if used is not None:
        findings.append(FindingOut(used.field, used.problem, "refuse"))
    return DryRunDataOut(
        would_create=all(finding.severity != "refuse" for finding in findings),
        findings=findings,
    )


async def _find_context(conn: Connection, actor: Actor, case_id: UUID, sent: SentOrder, *, locks: bool) -> OrderContext:
    known = await queries.find_context(conn, actor.organization_id, case_id, named(sent.raw), locks=locks)
    if known is None:
        raise CaseDeniedError
    return known


def _refuse(findings: list[FindingOut]) -> None:
    problems = [FieldProblem(finding.field, finding.message) for finding in findings if finding.severity == "refuse"]
    if problems:
        raise InvalidRequestError(problems=problems)


async def _write_sent(
    conn: Connection, actor: Actor, data_key: DataKey, sent: SentOrder, known: OrderContext, findings: list[FindingOut]
) -> OrderPlacedOut:
    """Writes what preflight has let pass."""
    # Otherwise there is a finding that refuses.
    assert sent.body is not None
    assert known.pharmacy is not None
    prescription = make_prescription(sent.body.order, known, known.pharmacy.code)
    await write_order(
        conn,
        actor,
        data_key,
        prescription,
        case=known,
        pharmacy=known.pharmacy,
        warnings=[f"{finding.field}: {finding.message}" for finding in findings],
        idempotency_key=sent.body.idempotency_key,
    )
    return OrderPlacedOut(data=PlacedDataOut(PlacedOut(prescription.order_id)))


async def write_order(
    conn: Connection,
    actor: Actor,
    data_key: DataKey,
    prescription: Prescription,
    *,
    case: OrderedCase,
    pharmacy: Destination,
    warnings: list[str],
    idempotency_key: str | None = None,
    replaces: UUID | None = None,
    replacement_reason: str | None = None,
) -> None:
    """Writes the order `prescription.order_id`, due at once, with its items and its event. The case's row must be locked.

    What was approved for the drugs of the order is ORDERED now. Raises OrderKeyUsedError.
    """
    order_id, organization_id = prescription.order_id, actor.organization_id
    reason = replacement_reason and data_key.seal(replacement_reason.encode(), REPLACEMENT_REASON, order_id)
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
        warnings=warnings,
        replaces_order_id=replaces,
        replacement_reason_sealed=Sealed(reason) if isinstance(reason, bytes) else None,
        document_id=uuid7(),
        is_test=case.is_test,
    )
    event = events.new_event(actor, "ORDER_CREATED", case.id, target_id=order_id, is_test=case.is_test)
    items = [_item_row(order, position, item, data_key) for position, item in enumerate(prescription.items)]
    drugs = [item.drug_id for item in prescription.items]
    if not await queries.insert_order(conn, OrderRows(order=order, items=items, drugs=drugs, events=[event])):
        raise OrderKeyUsedError(await queries.find_order_by_key(conn, organization_id, idempotency_key or ""))


def _item_row(order: Order, position: int, item: RxItem, data_key: DataKey) -> OrderItem:
    item_id = uuid7()
    sealed = Sealed(data_key.seal(msgspec.json.encode(item), ITEM, item_id))
    return OrderItem(
        organization_id=order.organization_id, id=item_id, order_id=order.id, position=position, sealed=sealed
    )
