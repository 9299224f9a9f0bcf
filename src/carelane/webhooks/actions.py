"""One delivery: what is sent."""

from typing import Any
from uuid import UUID

import msgspec

from carelane.case_detail.schemas import CaseDetailRecord, CaseExcerpt
from carelane.kit import clock
from carelane.kit.auth import Actor
from carelane.kit.phi import DataKey, Phi
from carelane.permissions import BILLING_READ, CASES_READ, PATIENTS_READ, WEBHOOKS_MANAGE, requires
from carelane.services import Services
from carelane.webhooks import queries, signing
from carelane.webhooks.billing.data.reads import Data, find_data, read_data
from carelane.webhooks.billing.schemas import AlertOut
from carelane.webhooks.billing.views import show_alert
from carelane.webhooks.queries import DocumentFormat, EventRecord, Payload, Receiver
from carelane.webhooks.reads import EventCase, Style, read_event_cases, write_body
from carelane.webhooks.sending.queries import DueDelivery


class Message(Phi, msgspec.Struct, frozen=True):
    """One attempt, ready to leave."""

    url: str
    headers: dict[str, str]
    body: bytes


class Read(Phi, msgspec.Struct, frozen=True):
    """What a message is written from."""

    event: EventRecord
    receiver: Receiver
    case: CaseDetailRecord | CaseExcerpt | None
    # For a listener: what it is told of the event's record.
    data: Any = None


@requires(WEBHOOKS_MANAGE, CASES_READ, PATIENTS_READ, BILLING_READ)
async def read_all(
    services: Services, actor: Actor, deliveries: list[DueDelivery], reason: str = "webhook"
) -> list[Read | Exception]:
    """What each of one organization's deliveries is written from, as the rows are now, in one transaction.

    That health information leaves is on record before it does. A delivery that cannot be read is its error, and does not
    hold up the others.
    """
    organization_id = actor.organization_id
    data_key = await services.keyring.data_key(organization_id)
    async with services.db.transaction(actor) as conn:
        ids, endpoint_ids = {each.id for each in deliveries}, {each.endpoint_id for each in deliveries}
        found = await queries.list_to_send(conn, organization_id, ids, endpoint_ids)
        told = [(event.alert, event.target_id) for event, receiver in found.values() if _is_listener(receiver)]
        data = await read_data(conn, actor, data_key, told, reason)
        shown: dict[UUID, tuple[EventRecord, Payload]] = {
            one: (event, receiver.payload) for one, (event, receiver) in found.items() if not _is_listener(receiver)
        }
        cases = await read_event_cases(conn, actor, data_key, list(shown.values()), reason)
    case_of = dict(zip(shown, cases, strict=True))
    return [_read(found.get(each.id), case_of.get(each.id), data) for each in deliveries]


def _is_listener(receiver: Receiver) -> bool:
    return receiver.dialect == "BILLING"


def _read(found: tuple[EventRecord, Receiver] | None, case: EventCase, data: Data) -> Read | Exception:
    if found is None:
        return LookupError("the delivery is gone")
    event, receiver = found
    if not _is_listener(receiver):
        return case if isinstance(case, Exception) else Read(event, receiver, case)
    alert = find_data(data, event.alert, event.target_id)
    return alert if isinstance(alert, Exception) else Read(event, receiver, None, alert)


async def write_message(services: Services, read: Read) -> Message:
    """Raises the storage's errors when a document cannot be fetched."""
    event, receiver = read.event, read.receiver
    data_key = await services.keyring.data_key(event.organization_id)
    body = await write_contents(services, read, receiver.document_format)
    return _signed(event, receiver, data_key, msgspec.json.encode(body))


async def write_contents(services: Services, read: Read, document_format: DocumentFormat) -> AlertOut | dict[str, Any]:
    """The body, ready for JSON. Raises the storage's errors when a document cannot be fetched."""
    event, receiver = read.event, read.receiver
    if _is_listener(receiver):
        return show_alert(event, read.data)
    style = Style(receiver.payload, document_format, _link_base(services))
    return await write_body(services, event, read.case, style)


def _link_base(services: Services) -> str:
    """Where receivers reach our documents."""
    settings = services.settings
    return (settings.public_url or f"http://{settings.host}:{settings.port}").rstrip("/")


def _signed(event: EventRecord, receiver: Receiver, data_key: DataKey, body: bytes) -> Message:
    secrets = [data_key.open(receiver.secret_sealed, queries.SECRET, receiver.id).decode()]
    if receiver.previous_secret_sealed is not None:
        previous = data_key.open(receiver.previous_secret_sealed, queries.PREVIOUS_SECRET, receiver.id)
        secrets.append(previous.decode())
    sent_at_seconds = int(clock.now().timestamp())
    headers = dict(signing.headers(body, secrets, str(event.id), sent_at_seconds, receiver.dialect))
    if receiver.secret_header is not None:
        headers[receiver.secret_header] = secrets[0]
    return Message(receiver.url, headers, body)
