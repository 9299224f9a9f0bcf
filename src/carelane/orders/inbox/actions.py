"""Taking a callback: find out who sent it, keep it, and only then judge it."""

import hashlib
import secrets
from collections.abc import Mapping
from uuid import UUID

import msgspec
import structlog

from carelane import events
from carelane.kit import failpoints
from carelane.kit.auth import Actor, system_actor
from carelane.kit.db import Connection
from carelane.kit.errors import FieldProblem, RuleBrokenError
from carelane.kit.ids import parse_uuid, uuid7
from carelane.kit.phi import DataKey, Phi
from carelane.orders.errors import CallbackJudgedError, CallbackNotFoundError
from carelane.orders.inbox import queries
from carelane.orders.inbox.queries import DISMISSAL, KEPT, KeptRow, NewCallback
from carelane.orders.inbox.schemas import (
    CallbackStatus,
    DismissedOut,
    DismissIn,
    KeptCallback,
    MatchedOut,
    MatchIn,
    Verdict,
)
from carelane.orders.sending.actions import apply_report
from carelane.orders.sending.queries import LockedOrder, lock_order
from carelane.permissions import ORDERS_WORK, requires
from carelane.pharmacies.adapters import Adapter, Callback
from carelane.pharmacies.adapters.opening import NoAddressError, open_adapter
from carelane.pharmacies.errors import CallbackRefusedError, CallbackUnreadableError
from carelane.pharmacies.queries import SECRET, Pharmacy, find_calling_pharmacy
from carelane.services import Services
from carelane.web.idempotency import RequestKey, run_once

# Longer ones would not fit into an index.
MAX_NAME_CHARACTERS = 200
_OPEN: frozenset[CallbackStatus] = frozenset({"STORED", "WAITING"})
_VERDICTS: dict[CallbackStatus, Verdict] = {"APPLIED": "applied", "LATE": "late"}
# Stands in for a pharmacy that does not exist, so that an unknown one takes as long as a wrong signature.
_NOBODY = UUID(int=0)
_STAND_IN = Pharmacy(_NOBODY, _NOBODY, "", "", "http", "http://nobody.invalid", b"", False)

log = structlog.get_logger()


class Sender(Phi, msgspec.Struct, frozen=True):
    """Who a message claims to be from. Without an organization: nobody we know, and no signature is valid."""

    organization_id: UUID | None
    pharmacy_id: UUID
    adapter: Adapter


async def take_callback(
    services: Services, pharmacy: str, headers: Mapping[str, str], body: bytes, request_id: str | None
) -> Verdict:
    """Keeps the message and judges it. Raises CallbackRefusedError, CallbackUnreadableError (after it was kept)."""
    sender = await _find_sender(services, parse_uuid(pharmacy))
    read = _read(sender, headers, body)
    if sender.organization_id is None:
        raise CallbackRefusedError
    actor = system_actor(sender.organization_id, request_id)
    callback = read if isinstance(read, Callback) else None
    callback_id, is_open = await _keep(services, actor, sender.pharmacy_id, callback, body)
    if not isinstance(read, Callback):
        raise read
    if not is_open:
        return "duplicate"
    failpoints.reach("callback.stored")
    return await judge_or_leave(services, actor, callback_id)


@requires(ORDERS_WORK)
async def judge_callback(services: Services, actor: Actor, callback_id: UUID) -> Verdict:
    """Lets the message act on its order, once: `duplicate` when that was done before, or is being done right now."""
    organization_id = actor.organization_id
    data_key = await services.keyring.data_key(organization_id)
    async with services.db.transaction(actor) as conn:
        row = await queries.find_callback(conn, organization_id, callback_id)
        if row is None:
            raise LookupError("the callback is gone")
        order_id = await queries.find_order_id(conn, organization_id, row)
        order = await lock_order(conn, organization_id, order_id) if order_id else None
        if await queries.lock_callback(conn, organization_id, callback_id) not in _OPEN:
            return "duplicate"
        if order is None:
            await queries.set_judged(conn, organization_id, callback_id, "WAITING", None)
            return "waiting"
        status = await _apply(services, conn, actor, data_key, row, order)
    return _VERDICTS[status]


@requires(ORDERS_WORK)
async def judge_or_leave(services: Services, actor: Actor, callback_id: UUID) -> Verdict:
    """A message is ours once it is kept: whatever goes wrong afterwards, the sweep judges it later."""
    try:
        return await judge_callback(services, actor, callback_id)
    except Exception as error:
        log.warning("callback_not_judged", error=type(error).__name__)
        return "stored"


@requires(ORDERS_WORK)
async def match_callback(services: Services, actor: Actor, ref: str, body: MatchIn) -> MatchedOut:
    """Lets a waiting message act on the order that a person names. Raises CallbackNotFoundError, CallbackJudgedError,
    and RuleBrokenError for an order that its pharmacy was never given."""
    organization_id, callback_id = actor.organization_id, parse_uuid(ref)
    if callback_id is None:
        raise CallbackNotFoundError
    data_key = await services.keyring.data_key(organization_id)
    async with services.db.transaction(actor) as conn:
        row = await queries.find_callback(conn, organization_id, callback_id)
        if row is None:
            raise CallbackNotFoundError
        order = await lock_order(conn, organization_id, body.order_id)
        if order is None or order.pharmacy_id != row.pharmacy_id:
            raise RuleBrokenError(problems=[FieldProblem("orderId", "expected an order of the callback's pharmacy")])
        present = await queries.lock_callback(conn, organization_id, callback_id)
        if present is None:
            raise CallbackNotFoundError
        if present != "WAITING":
            raise CallbackJudgedError(f"the callback is {present}; only one that is WAITING can be matched")
        status = await _apply(services, conn, actor, data_key, row, order)
    return MatchedOut(id=callback_id, order_id=order.id, status=status)


@requires(ORDERS_WORK)
async def dismiss_callback(
    services: Services, actor: Actor, ref: str, body: DismissIn, request_key: RequestKey | None
) -> DismissedOut:
    """Lays a message aside that is about no order of ours, or cannot be read; it is kept, with the reason.

    Raises CallbackNotFoundError, CallbackJudgedError, and what `run_once` raises."""
    organization_id, callback_id = actor.organization_id, parse_uuid(ref)
    if callback_id is None:
        raise CallbackNotFoundError
    data_key = await services.keyring.data_key(organization_id)

    async def act(conn: Connection) -> DismissedOut:
        if await queries.find_callback(conn, organization_id, callback_id) is None:
            raise CallbackNotFoundError
        present = await queries.lock_callback(conn, organization_id, callback_id)
        if present is None:
            raise CallbackNotFoundError
        if present not in {"WAITING", "UNREADABLE"}:
            raise CallbackJudgedError(f"the callback is {present}; only one that waits for an order can be dismissed")
        sealed = data_key.seal(body.reason.encode(), DISMISSAL, callback_id)
        await queries.set_dismissed(conn, organization_id, callback_id, sealed)
        await events.record(conn, events.new_event(actor, "CALLBACK_DISMISSED", None, target_id=callback_id))
        return DismissedOut(id=callback_id, status="DISMISSED")

    return await run_once(services, actor, request_key, act)


async def _apply(
    services: Services, conn: Connection, actor: Actor, data_key: DataKey, row: KeptRow, order: LockedOrder
) -> CallbackStatus:
    """Both rows are locked."""
    kept = msgspec.json.decode(data_key.open(row.sealed, KEPT, row.id), type=KeptCallback)
    if kept.callback is None:
        raise LookupError("an unreadable message is not judged")
    has_changed = await apply_report(
        conn, actor, data_key, order, kept.callback.report, settings=services.settings, callback_id=row.id
    )
    status: CallbackStatus = "APPLIED" if has_changed else "LATE"
    await queries.set_judged(conn, order.organization_id, row.id, status, order.id)
    return status


async def _find_sender(services: Services, pharmacy_id: UUID | None) -> Sender:
    """Takes the same steps whether the pharmacy exists or not."""
    wanted = pharmacy_id or _NOBODY
    async with services.db.across() as conn:
        found = await find_calling_pharmacy(conn, wanted)
    if found is None:
        return Sender(None, wanted, open_adapter(services, _STAND_IN, secrets.token_bytes(32)))
    data_key = await services.keyring.data_key(found.organization_id)
    secret = data_key.open(found.secret_sealed, SECRET, found.id)
    try:
        return Sender(found.organization_id, found.id, open_adapter(services, found, secret))
    except NoAddressError:
        # A simulator that is switched off reports nothing.
        return Sender(None, wanted, open_adapter(services, _STAND_IN, secrets.token_bytes(32)))


def _read(sender: Sender, headers: Mapping[str, str], body: bytes) -> Callback | CallbackUnreadableError:
    """Returns an error when the signature is valid and the message makes no sense. Raises CallbackRefusedError."""
    try:
        callback = sender.adapter.parse_callback(headers, body)
    except CallbackUnreadableError as error:
        return error
    names = {"messageId": callback.message_id, "pharmacyOrderId": callback.report.pharmacy_order_id or ""}
    wrong = [name for name, text in names.items() if "\0" in text or len(text) > MAX_NAME_CHARACTERS]
    if not callback.message_id:
        wrong.append("messageId")
    if wrong:
        said = f"expected 1 to {MAX_NAME_CHARACTERS} characters, none of them U+0000"
        return CallbackUnreadableError(problems=[FieldProblem(name, said) for name in wrong])
    if callback.external_id is None and callback.report.pharmacy_order_id is None:
        return CallbackUnreadableError("externalId: expected it, or pharmacyOrderId")
    return callback


async def _keep(
    services: Services, actor: Actor, pharmacy_id: UUID, callback: Callback | None, body: bytes
) -> tuple[UUID, bool]:
    """The row's id, and whether it still has to be judged. Committed before anything else happens."""
    data_key = await services.keyring.data_key(actor.organization_id)
    callback_id = uuid7()
    message_id = callback.message_id if callback else hashlib.sha256(body).hexdigest()
    kept = msgspec.json.encode(KeptCallback(body=body, callback=callback))
    row = NewCallback(
        organization_id=actor.organization_id,
        id=callback_id,
        pharmacy_id=pharmacy_id,
        message_id=message_id,
        external_id=callback.external_id if callback else None,
        pharmacy_order_id=callback.report.pharmacy_order_id if callback else None,
        status="STORED" if callback else "UNREADABLE",
        sealed=data_key.seal(kept, KEPT, callback_id),
    )
    async with services.db.transaction(actor) as conn:
        if await queries.insert_callback(conn, row):
            return callback_id, True
        first = await queries.find_named(conn, actor.organization_id, pharmacy_id, message_id)
    if first is None:
        # It was old, and deleted between the two statements. What nobody knows any more is new.
        return await _keep(services, actor, pharmacy_id, callback, body)
    # The first message of this id may have been kept by a server that died before judging it.
    return first[0], first[1] in _OPEN
