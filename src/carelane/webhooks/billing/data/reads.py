"""Reads of the records that alerts tell of, for their lists and for the sender."""

from collections.abc import Iterable
from uuid import UUID

import msgspec

from carelane import events
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.phi import DataKey, UnsealError
from carelane.webhooks.billing.data import queries, views
from carelane.webhooks.billing.data.views import Shown

_RECORDED = {
    "patient": "patient",
    "charge": "charge",
    "payment": "payment",
    "planned": "payment",
    "invoice": "invoice",
    "adjustment": "charge_adjustment",
    "appointment": "calendar_event",
    "form": "form_response",
}

# By noun and id; an error for what cannot be opened.
Data = dict[tuple[str, UUID], Shown | Exception]


async def read_data(
    conn: Connection, actor: Actor, data_key: DataKey, alerts: Iterable[tuple[str | None, UUID | None]], reason: str
) -> Data:
    """The records that alerts tell of, one statement for all of a kind; that people's were read is recorded."""
    wanted: dict[str, set[UUID]] = {}
    for alert, target_id in alerts:
        noun = views.noun_of(alert)
        if noun is not None and target_id is not None:
            wanted.setdefault(noun, set()).add(target_id)
    data: Data = {}
    for noun, ids in wanted.items():
        found = await queries.list_records(conn, actor.organization_id, noun, sorted(ids))
        data |= {(noun, one): _open(data_key, noun, record) for one, record in found.items()}
        if noun in _RECORDED:
            await events.record_reads(conn, actor, _RECORDED[noun], list(found), reason)
    return data


def find_data(data: Data, alert: str | None, target_id: UUID | None) -> Shown | Exception | None:
    """Of the alert's record; None when it is gone."""
    noun = views.noun_of(alert)
    return data.get((noun, target_id)) if noun is not None and target_id is not None else None


def _open(data_key: DataKey, noun: str, record: str) -> Shown | Exception:
    try:
        return views.show_record(data_key, noun, record)
    except (UnsealError, msgspec.MsgspecError) as error:
        return error
