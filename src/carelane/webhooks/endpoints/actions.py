"""Staff's acts on webhook endpoints: making, changing, switching off and on, trying, and repeating deliveries."""

from uuid import UUID

import msgspec
import psycopg
from msgspec import UNSET

from carelane import events
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import FieldProblem, refuse
from carelane.kit.http import TargetRefusedError
from carelane.kit.ids import uuid7
from carelane.kit.phi import DataKey
from carelane.permissions import WEBHOOKS_MANAGE, requires
from carelane.services import Services
from carelane.web.versions import ChangedMeanwhileError
from carelane.webhooks import signing
from carelane.webhooks.endpoints import queries
from carelane.webhooks.endpoints.access import (
    endpoint_id_of,
    get_delivery,
    get_enabled,
    get_endpoint,
    unknown_delivery,
)
from carelane.webhooks.endpoints.errors import EndpointNotFoundError, NameTakenError
from carelane.webhooks.endpoints.queries import WantedEndpoint
from carelane.webhooks.endpoints.schemas import (
    DAY_SECONDS,
    DeliveryOut,
    EndpointIn,
    EndpointOut,
    EndpointPatch,
    EndpointSecretOut,
    ReplayRangeIn,
    RotateSecretIn,
    broken_rules,
    secret_problems,
)
from carelane.webhooks.queries import PREVIOUS_SECRET, SECRET, set_canceled

MAX_ENDPOINTS = 50
MAX_REPLAYS = 10_000


@requires(WEBHOOKS_MANAGE)
async def create_endpoint(services: Services, actor: Actor, body: EndpointIn) -> EndpointSecretOut:
    """The new endpoint, with its secret this once. Raises RuleBrokenError, NameTakenError."""
    await _check(services, body)
    secret, endpoint_id = body.secret or signing.new_secret(), uuid7()
    data_key = await services.keyring.data_key(actor.organization_id)
    endpoint = _new_endpoint(actor, endpoint_id, body, data_key, secret)
    try:
        async with services.db.transaction(actor) as conn:
            await _insert(conn, endpoint)
            await record_change(conn, actor, endpoint_id, "CREATED")
            made = await get_endpoint(conn, actor, str(endpoint_id))
    except psycopg.errors.UniqueViolation:
        raise NameTakenError(f"name: {body.name} is taken") from None
    return _with_secret(made, secret)


@requires(WEBHOOKS_MANAGE)
async def change_endpoint(services: Services, actor: Actor, ref: str, body: EndpointPatch) -> EndpointOut:
    """Raises EndpointNotFoundError, RuleBrokenError, NameTakenError, ChangedMeanwhileError."""
    endpoint_id = endpoint_id_of(ref)
    await _check(services, body)
    changes = {name: value for name, value in msgspec.structs.asdict(body).items() if value is not UNSET}
    seen_at = changes.pop("updated_at", None)
    try:
        async with services.db.transaction(actor) as conn:
            if seen_at is not None:
                await queries.lock_secrets(conn, actor.organization_id, endpoint_id)
                if (await get_endpoint(conn, actor, ref)).updated_at != seen_at:
                    raise ChangedMeanwhileError
            if "events" in changes and (await get_endpoint(conn, actor, ref)).dialect == "BILLING":
                refuse([FieldProblem("events", "its storefront says what this listener is told; expected none")])
            changed = await queries.update_endpoint(conn, actor.organization_id, endpoint_id, changes)
            if changed is None:
                raise EndpointNotFoundError
            await record_change(conn, actor, endpoint_id, "CHANGED")
    except psycopg.errors.UniqueViolation:
        raise NameTakenError(f"name: {body.name} is taken") from None
    return changed


@requires(WEBHOOKS_MANAGE)
async def disable_endpoint(services: Services, actor: Actor, ref: str) -> EndpointOut:
    """Switches it off and cancels its pending deliveries. Doing so again changes nothing. Raises EndpointNotFoundError."""
    endpoint_id = endpoint_id_of(ref)
    async with services.db.transaction(actor) as conn:
        # Deliveries before endpoints, as the sender does it: with one order of locks nothing can deadlock.
        await set_canceled(conn, actor.organization_id, endpoint_id)
        changed = await queries.set_disabled(conn, actor.organization_id, endpoint_id)
        if changed is not None:
            await record_change(conn, actor, endpoint_id, "DISABLED")
        return changed or await get_endpoint(conn, actor, ref)


@requires(WEBHOOKS_MANAGE)
async def enable_endpoint(services: Services, actor: Actor, ref: str) -> EndpointOut:
    """Switches it on. What was canceled stays canceled, until it is replayed.

    Raises EndpointNotFoundError, RuleBrokenError when there are too many that are on, and NameTakenError when one of those
    goes by its name now.
    """
    endpoint_id = endpoint_id_of(ref)
    try:
        async with services.db.transaction(actor) as conn:
            if (await get_endpoint(conn, actor, ref)).disabled_at is not None:
                await require_room(conn, actor.organization_id, "id")
            changed = await queries.set_enabled(conn, actor.organization_id, endpoint_id)
            if changed is not None:
                await record_change(conn, actor, endpoint_id, "ENABLED")
            return changed or await get_endpoint(conn, actor, ref)
    except psycopg.errors.UniqueViolation:
        raise NameTakenError("name: one that is on has it by now; change the name of either") from None


@requires(WEBHOOKS_MANAGE)
async def rotate_secret(services: Services, actor: Actor, ref: str, body: RotateSecretIn) -> EndpointSecretOut:
    """A new secret; the previous one stays valid for a while, the one before that no longer. Raises EndpointNotFoundError."""
    endpoint_id = endpoint_id_of(ref)
    refuse(secret_problems(body.secret))
    secret = body.secret or signing.new_secret()
    data_key = await services.keyring.data_key(actor.organization_id)
    async with services.db.transaction(actor) as conn:
        await _replace_secret(conn, actor, endpoint_id, data_key, secret, body.previous_valid_seconds)
        await record_change(conn, actor, endpoint_id, "SECRET_ROTATED")
        return _with_secret(await get_endpoint(conn, actor, ref), secret)


@requires(WEBHOOKS_MANAGE)
async def send_test(services: Services, actor: Actor, ref: str) -> DeliveryOut:
    """A WEBHOOK_TEST event for this endpoint alone. Raises EndpointNotFoundError, EndpointDisabledError."""
    async with services.db.transaction(actor) as conn:
        endpoint = await get_enabled(conn, actor, ref)
        event = events.new_event(actor, "WEBHOOK_TEST", None, target_id=endpoint.id)
        await events.record(conn, event)
        delivery_id = await queries.insert_delivery(conn, actor.organization_id, endpoint.id, event.id)
        return await get_delivery(conn, actor, str(delivery_id))


@requires(WEBHOOKS_MANAGE)
async def replay_delivery(services: Services, actor: Actor, ref: str) -> DeliveryOut:
    """The new delivery of the same event. Raises DeliveryNotFoundError, EndpointDisabledError."""
    async with services.db.transaction(actor) as conn:
        found = await get_delivery(conn, actor, ref)
        await get_enabled(conn, actor, str(found.endpoint_id))
        replay_id = await queries.insert_replay(conn, actor.organization_id, found.id)
        if replay_id is None:
            raise unknown_delivery()
        await record_replay(conn, actor, found.endpoint_id, 1)
        return await get_delivery(conn, actor, str(replay_id))


@requires(WEBHOOKS_MANAGE)
async def replay_range(services: Services, actor: Actor, ref: str, body: ReplayRangeIn) -> int:
    """How many deliveries were made anew. Raises EndpointNotFoundError, EndpointDisabledError, RuleBrokenError."""
    endpoint_id = endpoint_id_of(ref)
    if body.until <= body.since:
        refuse([FieldProblem("to", "expected a moment after `from`")])
    async with services.db.transaction(actor) as conn:
        await get_enabled(conn, actor, ref)
        count = await queries.insert_replays(
            conn, actor.organization_id, endpoint_id, body.since, body.until, body.status, MAX_REPLAYS + 1
        )
        if count > MAX_REPLAYS:
            refuse([FieldProblem("to", f"expected a range of at most {MAX_REPLAYS} deliveries")])
        if count:
            await record_replay(conn, actor, endpoint_id, count)
    return count


async def _check(services: Services, body: EndpointIn | EndpointPatch) -> None:
    refuse([*broken_rules(body), *(await check_url(services, "url", body.url) if body.url is not UNSET else [])])


async def check_url(services: Services, field: str, url: str) -> list[FieldProblem]:
    """What is wrong with where deliveries are to go."""
    try:
        await services.http.require_public(url)
    except TargetRefusedError as error:
        return [FieldProblem(field, str(error))]
    return []


async def _replace_secret(
    conn: Connection, actor: Actor, endpoint_id: UUID, data_key: DataKey, secret: str, previous_valid_seconds: int
) -> None:
    """Raises EndpointNotFoundError."""
    present = await queries.lock_secrets(conn, actor.organization_id, endpoint_id)
    if present is None:
        raise EndpointNotFoundError
    old = data_key.open(present.secret_sealed, SECRET, endpoint_id)
    sealed = data_key.seal(secret.encode(), SECRET, endpoint_id)
    previous = data_key.seal(old, PREVIOUS_SECRET, endpoint_id)
    await queries.set_secrets(conn, actor.organization_id, endpoint_id, sealed, previous, previous_valid_seconds)


def _new_endpoint(
    actor: Actor, endpoint_id: UUID, body: EndpointIn | WantedEndpoint, data_key: DataKey, secret: str
) -> queries.NewEndpoint:
    return queries.NewEndpoint(
        organization_id=actor.organization_id,
        id=endpoint_id,
        name=body.name,
        url=body.url,
        events=list(dict.fromkeys(body.events)),
        document_format=body.document_format,
        payload=body.payload,
        secret_header=body.secret_header,
        secret_sealed=data_key.seal(secret.encode(), SECRET, endpoint_id),
    )


async def _insert(conn: Connection, endpoint: queries.NewEndpoint) -> None:
    """Raises RuleBrokenError when there are too many."""
    await require_room(conn, endpoint.organization_id, "name")
    await queries.insert_endpoint(conn, endpoint)


async def require_room(conn: Connection, organization_id: UUID, field: str) -> None:
    """One that is switched off takes no place. Raises RuleBrokenError."""
    if await queries.lock_endpoint_count(conn, organization_id) >= MAX_ENDPOINTS:
        refuse(
            [FieldProblem(field, f"expected fewer than {MAX_ENDPOINTS} endpoints that are on; switch one off first")]
        )


async def record_change(conn: Connection, actor: Actor, endpoint_id: UUID, how: str) -> None:
    """The event of an endpoint's own."""
    event = events.new_event(actor, "WEBHOOK_ENDPOINT_CHANGED", None, target_id=endpoint_id, value_after=how)
    await events.record(conn, event)


async def record_replay(conn: Connection, actor: Actor, endpoint_id: UUID, count: int) -> None:
    """The event of so many repeats."""
    event = events.new_event(actor, "WEBHOOK_REPLAYED", None, target_id=endpoint_id, value_after=str(count))
    await events.record(conn, event)


def _with_secret(endpoint: EndpointOut, secret: str) -> EndpointSecretOut:
    return EndpointSecretOut(secret=secret, **msgspec.structs.asdict(endpoint))


@requires(WEBHOOKS_MANAGE)
async def save_endpoints(
    conn: Connection, actor: Actor, wanted: list[WantedEndpoint], data_key: DataKey
) -> dict[UUID, str]:
    """Makes each endpoint what is wanted, with an event for each that changes, in the caller's transaction.

    A replaced secret stays good for a day. Returns the secrets that were made here. Raises RuleBrokenError when there are
    too many, and UniqueViolation.
    """
    made: dict[UUID, str] = {}
    sealed = await queries.list_secrets(conn, actor.organization_id)
    for endpoint in wanted:
        there = await queries.find_endpoint(conn, actor.organization_id, endpoint.id)
        if there is None:
            new = endpoint.secret or made.setdefault(endpoint.id, signing.new_secret())
            await _insert(conn, _new_endpoint(actor, endpoint.id, endpoint, data_key, new))
            if endpoint.is_enabled is False:
                await queries.set_disabled(conn, actor.organization_id, endpoint.id)
            await record_change(conn, actor, endpoint.id, "CREATED")
            continue
        is_changed = await _switch(conn, actor, there, endpoint.is_enabled)
        is_changed |= await _change(conn, actor, there, endpoint)
        secret = endpoint.secret
        if secret is not None and data_key.open(sealed[endpoint.id], SECRET, endpoint.id) != secret.encode():
            await _replace_secret(conn, actor, endpoint.id, data_key, secret, DAY_SECONDS)
            is_changed = True
        if is_changed:
            await record_change(conn, actor, endpoint.id, "CHANGED")
    return made


async def _switch(conn: Connection, actor: Actor, there: EndpointOut, is_enabled: bool | None) -> bool:
    if is_enabled is None or is_enabled == (there.disabled_at is None):
        return False
    if is_enabled:
        await require_room(conn, actor.organization_id, "enabled")
        return await queries.set_enabled(conn, actor.organization_id, there.id) is not None
    # Deliveries before endpoints, as the sender locks them.
    await set_canceled(conn, actor.organization_id, there.id)
    return await queries.set_disabled(conn, actor.organization_id, there.id) is not None


async def _change(conn: Connection, actor: Actor, there: EndpointOut, wanted: WantedEndpoint) -> bool:
    names = ("name", "url", "document_format", "payload", "secret_header")
    changes = {name: getattr(wanted, name) for name in names if getattr(wanted, name) != getattr(there, name)}
    if set(wanted.events) != set(there.events):
        changes["events"] = wanted.events
    if changes:
        await queries.update_endpoint(conn, actor.organization_id, there.id, changes)
    return bool(changes)
