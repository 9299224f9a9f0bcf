"""One delivery: what is sent."""

from uuid import UUID

import msgspec

from carelane.case_detail.access import read_case, read_glimpse
from carelane.case_detail.queries import Wanted
from carelane.case_detail.schemas import CaseDetailRecord, Glimpse
from carelane.kit import clock
from carelane.kit.auth import Actor, system_actor
from carelane.kit.db import Connection
from carelane.kit.phi import DataKey, Phi, UnsealError
from carelane.services import Services
from carelane.webhooks import bodies, queries, signing
from carelane.webhooks.queries import Payload, Receiver, Told
from carelane.webhooks.sending.queries import DueDelivery

_WHY = "webhook"


class Message(Phi, msgspec.Struct, frozen=True):
    """One attempt, ready to leave."""

    url: str
    headers: dict[str, str]
    body: bytes


class Read(Phi, msgspec.Struct, frozen=True):
    """What a message is written from."""

    told: Told
    receiver: Receiver
    case: CaseDetailRecord | Glimpse | None


async def read_all(services: Services, organization_id: UUID, deliveries: list[DueDelivery]) -> list[Read | Exception]:
    """What each of one organization's deliveries is written from, as the rows are now, in one transaction.

    That health information leaves is on record before it does. One that cannot be read is its error, and does not keep the
    others back.
    """
    actor = system_actor(organization_id)
    data_key = await services.keyring.data_key(organization_id)
    async with services.db.transaction(actor) as conn:
        told = await queries.list_told(conn, organization_id, [delivery.id for delivery in deliveries])
        wanted = {delivery.endpoint_id for delivery in deliveries}
        receivers = {each.id: each for each in await queries.list_receivers(conn, organization_id, list(wanted))}
        return [
            await _read(conn, actor, data_key, told.get(delivery.id), receivers.get(delivery.endpoint_id))
            for delivery in deliveries
        ]


async def _read(
    conn: Connection, actor: Actor, data_key: DataKey, told: Told | None, receiver: Receiver | None
) -> Read | Exception:
    if told is None or receiver is None:
        return LookupError("the delivery is gone")
    try:
        return Read(told, receiver, await read_event_case(conn, actor, data_key, told, receiver.payload, _WHY))
    except (UnsealError, msgspec.MsgspecError) as error:
        return error


async def write_message(services: Services, read: Read) -> Message:
    """Raises the storage's errors when a document cannot be brought."""
    told, receiver = read.told, read.receiver
    data_key = await services.keyring.data_key(told.organization_id)
    body = await bodies.write_body(services, told, read.case, bodies.style_of(receiver, bodies.link_base(services)))
    return _signed(told, receiver, data_key, msgspec.json.encode(body))


async def read_event_case(
    conn: Connection, actor: Actor, data_key: DataKey, told: Told, payload: Payload, reason: str
) -> CaseDetailRecord | Glimpse | None:
    """What a body needs of the event's case, opened, and on record as seen; None for an event of no case."""
    if told.case_id is None:
        return None
    if payload == "EVENT_ONLY" and told.type not in bodies.OF_THE_WHOLE:
        part = bodies.part_of(told)
        return await read_glimpse(conn, actor, data_key, told.case_id, part, told.target_id, reason)
    return await read_case(conn, actor, data_key, Wanted(case_id=told.case_id, parts=bodies.WHOLE), reason)


def _signed(told: Told, receiver: Receiver, data_key: DataKey, body: bytes) -> Message:
    secrets = [data_key.open(receiver.secret_sealed, queries.SECRET, receiver.id).decode()]
    if receiver.previous_secret_sealed is not None:
        previous = data_key.open(receiver.previous_secret_sealed, queries.PREVIOUS_SECRET, receiver.id)
        secrets.append(previous.decode())
    sent_at_seconds = int(clock.now().timestamp())
    return Message(receiver.url, dict(signing.headers(body, secrets, str(told.id), sent_at_seconds)), body)
