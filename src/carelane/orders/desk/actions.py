"""What staff do to orders: cancel, send again, replace.

Each act locks the case's row, then the order's: whatever the worker or a pharmacy does at the same time happens before it or
after it, never in between.
"""

from uuid import UUID, uuid4

import msgspec

from carelane import events
from carelane.kit import clock
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import FieldProblem, RuleBrokenError
from carelane.kit.ids import uuid7
from carelane.kit.phi import DataKey
from carelane.kit.us_addresses import is_state
from carelane.orders.actions import write_order
from carelane.orders.desk import queries
from carelane.orders.desk.access import lock_order
from carelane.orders.desk.schemas import CancelIn, NewAddressIn, OrderMovedOut, OrderReplacedOut, ReplaceIn
from carelane.orders.desk.why import may_be_replaced
from carelane.orders.errors import AlreadyReplacedError, OrderNotFoundError, OrderStateError
from carelane.orders.preflight.access import Grounds, find_grounds
from carelane.orders.preflight.check import recheck
from carelane.orders.queries import PRESCRIPTION, KnownPharmacy, Named
from carelane.orders.rows import make_rows, warnings_of
from carelane.orders.schemas import FindingOut
from carelane.orders.sending import queries as sending
from carelane.orders.sending.actions import move, moved_to
from carelane.orders.sending.queries import CANCEL_REASON, LockedOrder
from carelane.orders.sending.states import wants_cancel
from carelane.orders.states import may_follow
from carelane.permissions import ORDERS_WORK, requires
from carelane.pharmacies.schemas import PostalAddress, Prescription
from carelane.services import Services


@requires(ORDERS_WORK)
async def cancel_order(services: Services, actor: Actor, ref: str, body: CancelIn) -> OrderMovedOut:
    """Ends an order that has not left us; asks the pharmacy to cancel one that may have.

    Raises OrderNotFoundError, OrderStateError. Asking again changes nothing, until the pharmacy has refused.
    """
    data_key = await services.keyring.data_key(actor.organization_id)
    async with services.db.transaction(actor) as conn:
        order = await lock_order(conn, actor, ref)
        if not may_follow(order.status, "CANCELED"):
            raise OrderStateError(f"the order is {order.status}; an order can be canceled until it is SHIPPED")
        if wants_cancel(order):
            return _moved(order)
        sealed = data_key.seal(body.reason.encode(), CANCEL_REASON, order.id)
        if order.sending_began_at is None:
            await queries.set_cancel_reason(conn, actor.organization_id, order.id, sealed)
            return _moved(await _end_unsent(conn, actor, order))
        return await _ask_to_cancel(conn, actor, order, sealed)


async def end_unsent(conn: Connection, actor: Actor, case_id: UUID) -> None:
    """In the act that closes the case, whose row is locked: what has not left us does not leave any more."""
    for order_id in await queries.list_unsent(conn, actor.organization_id, case_id):
        order = await sending.lock_order(conn, actor.organization_id, order_id)
        if order is not None and order.sending_began_at is None and may_follow(order.status, "CANCELED"):
            await _end_unsent(conn, actor, order)


@requires(ORDERS_WORK)
async def send_order_again(services: Services, actor: Actor, ref: str) -> OrderMovedOut:
    """Resumes an order that was given up. If the pharmacy may have it, it is asked first: an order is never sent blindly.

    Raises OrderNotFoundError, OrderStateError, and RuleBrokenError when what never left us may not leave any more.
    """
    data_key = await services.keyring.data_key(actor.organization_id)
    async with services.db.transaction(actor) as conn:
        order = await lock_order(conn, actor, ref)
        if order.status != "NEEDS_ATTENTION":
            raise OrderStateError(f"the order is {order.status}; only one that is NEEDS_ATTENTION can be sent again")
        if order.sending_began_at is None and order.sealed is not None:
            prescription = _opened(data_key, order)
            grounds = await _find_grounds(conn, data_key, order, prescription)
            _refuse(recheck(prescription, grounds.known, grounds.rulings, is_new=False))
        now = clock.now()
        after = msgspec.structs.replace(moved_to(order, "SENDING", now), next_step_at=now, claim_id=None)
        await move(conn, actor, order, after)
    return _moved(after)


@requires(ORDERS_WORK)
async def replace_order(services: Services, actor: Actor, ref: str, body: ReplaceIn) -> OrderReplacedOut:
    """Places the same prescription once more.

    Raises OrderNotFoundError, OrderStateError, AlreadyReplacedError, RuleBrokenError. An order that needs attention and never left us is ended, so that it cannot be sent beside the new one.
    """
    data_key = await services.keyring.data_key(actor.organization_id)
    async with services.db.transaction(actor) as conn:
        old = await lock_order(conn, actor, ref)
        prescription = _with_address(await _prescription_to_replace(conn, data_key, old), body)
        grounds = await _find_grounds(conn, data_key, old, prescription, body)
        known, findings = grounds.known, recheck(prescription, grounds.known, grounds.rulings, is_new=True)
        _refuse(findings, body)
        assert known.pharmacy is not None
        if old.status == "NEEDS_ATTENTION":
            await _end_unsent(conn, actor, old)
        fresh = _renewed(prescription, known.pharmacy)
        rows = make_rows(
            actor,
            data_key,
            fresh,
            case=known,
            pharmacy=known.pharmacy,
            warnings=warnings_of(findings),
            replaces=old.id,
            replacement_reason=body.reason,
        )
        await write_order(conn, rows)
        await queries.set_settled(conn, actor.organization_id, old.id)
    return OrderReplacedOut(id=fresh.order_id, replaces_order_id=old.id)


async def _end_unsent(conn: Connection, actor: Actor, order: LockedOrder) -> LockedOrder:
    """Cancels a locked order that the pharmacy never got. A worker that claimed it notices when it locks it to send."""
    after = msgspec.structs.replace(moved_to(order, "CANCELED", clock.now()), next_step_at=None, claim_id=None)
    await move(conn, actor, order, after)
    return after


async def _ask_to_cancel(conn: Connection, actor: Actor, order: LockedOrder, sealed_reason: bytes) -> OrderMovedOut:
    asked_at, next_at = await queries.set_cancel_requested(conn, actor.organization_id, order.id, sealed_reason)
    event = events.new_event(actor, "ORDER_CANCEL_REQUESTED", order.case_id, target_id=order.id, is_test=order.is_test)
    await events.record(conn, event)
    return _moved(msgspec.structs.replace(order, cancel_requested_at=asked_at, next_step_at=next_at))


def _moved(order: LockedOrder) -> OrderMovedOut:
    return OrderMovedOut(
        id=order.id,
        status=order.status,
        cancel_requested_at=order.cancel_requested_at,
        next_step_at=order.next_step_at,
    )


async def _prescription_to_replace(conn: Connection, data_key: DataKey, old: LockedOrder) -> Prescription:
    """What the locked order prescribed, if it may be replaced."""
    if not may_be_replaced(old):
        hint = "cancel it first" if may_follow(old.status, "CANCELED") else "it cannot be replaced"
        raise OrderStateError(f"the order is {old.status} and the pharmacy may have it; {hint}")
    if await queries.find_is_replaced(conn, old.organization_id, old.id):
        raise AlreadyReplacedError("an order is replaced once; replace the order that replaced it")
    if old.sealed is None:
        raise OrderStateError("the prescription of this order was not kept; place a new order")
    return _opened(data_key, old)


def _opened(data_key: DataKey, order: LockedOrder) -> Prescription:
    return msgspec.json.decode(data_key.open(order.sealed or b"", PRESCRIPTION, order.id), type=Prescription)


async def _find_grounds(
    conn: Connection, data_key: DataKey, order: LockedOrder, prescription: Prescription, body: ReplaceIn | None = None
) -> Grounds:
    """With a body: for the order that replaces this one. The case's row is locked already."""
    asked = Named(
        pharmacy=None,
        pharmacy_id=(body.pharmacy_id if body else None) or order.pharmacy_id,
        drugs=[item.drug_id for item in prescription.items],
        npi=prescription.prescriber.npi,
        key=None,
    )
    replaces = order.id if body else None
    grounds = await find_grounds(
        conn, order.organization_id, order.case_id, asked, data_key, locks=False, replaces=replaces
    )
    if grounds is None:
        raise OrderNotFoundError
    return grounds


def _refuse(findings: list[FindingOut], body: ReplaceIn | None = None) -> None:
    """What was prescribed may have been withdrawn since. Raises RuleBrokenError."""
    problems = [FieldProblem(finding.field, finding.message) for finding in findings if finding.severity == "refuse"]
    address = body.shipping_address if body else None
    if address and not is_state(address.state.upper()):
        problems.append(FieldProblem("shippingAddress.state", "expected a US state abbreviation, such as CA"))
    if problems:
        raise RuleBrokenError(problems=problems)


def _with_address(prescription: Prescription, body: ReplaceIn) -> Prescription:
    address = body.shipping_address
    return msgspec.structs.replace(prescription, shipping_address=_postal(address)) if address else prescription


def _renewed(prescription: Prescription, pharmacy: KnownPharmacy) -> Prescription:
    """The same prescription under new ids: to the pharmacy it is another order."""
    return msgspec.structs.replace(
        prescription, order_id=uuid7(), external_id=uuid4(), pharmacy_code=pharmacy.code, placed_at=clock.now()
    )


def _postal(address: NewAddressIn) -> PostalAddress:
    return PostalAddress(
        address_line1=address.address_line1,
        address_line2=address.address_line2,
        city=address.city,
        state=address.state.upper(),
        country=address.country.upper(),
        postal_code=address.postal_code,
    )
