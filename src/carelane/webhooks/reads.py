"""The feed: the same events as webhooks carry, in one order without gaps, for whoever asks. And what a body is written from."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from carelane.calendar.views import link_appointments, open_appointment
from carelane.case_detail.queries import WantedExcerpt
from carelane.case_detail.reads import read_cases, read_excerpts
from carelane.case_detail.schemas import CaseDetailRecord, CaseExcerpt
from carelane.case_detail.views import attachments_of
from carelane.documents.reads import inline_documents, link_documents, total_bytes
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.phi import DataKey
from carelane.permissions import CASES_READ, requires
from carelane.services import Services
from carelane.webhooks import queries, views
from carelane.webhooks.queries import EventRecord, Payload
from carelane.webhooks.schemas import FeedOut, FeedQuery

# Documents of more than this in all are linked, whatever the endpoint asks for: a body must fit into a receiver's memory.
MAX_INLINE_BYTES = 10_485_760

EventCase = CaseDetailRecord | CaseExcerpt | Exception | None


class Style(msgspec.Struct, frozen=True):
    """How much of the case is shown, and how its documents are. Links begin with `base_url`."""

    payload: Payload
    document_format: queries.DocumentFormat
    base_url: str


@requires(CASES_READ)
async def list_events(services: Services, actor: Actor, query: FeedQuery, base_url: str) -> FeedOut:
    """The events behind a position. Positions are given out one batch at a time, so nothing is added below one later.

    Raises InvalidRequestError.
    """
    page = query.page()
    data_key = await services.keyring.data_key(actor.organization_id)
    async with services.db.transaction(actor) as conn:
        if page.after is None:
            last = await queries.find_last_position(conn, actor.organization_id)
            return FeedOut(events=[], after=last, has_more=False)
        found = await queries.list_feed(conn, actor.organization_id, page.after, page.limit + 1)
        shown = found[: page.limit]
        cases = await read_event_cases(conn, actor, data_key, [(one, "EVENT_ONLY") for one in shown], "event feed")
    style = Style("EVENT_ONLY", "URL", base_url)
    bodies = [
        await write_body(services, event, opened(case), style) | {"position": event.position}
        for event, case in zip(shown, cases, strict=True)
    ]
    after = shown[-1].position if shown else None
    return FeedOut(events=bodies, after=page.after if after is None else after, has_more=len(found) > page.limit)


async def read_event_cases(
    conn: Connection, actor: Actor, data_key: DataKey, wanted: Sequence[tuple[EventRecord, Payload]], reason: str
) -> list[EventCase]:
    """What each body needs of its event's case, opened, and the reads recorded; None for an event without a case, and an error
    for a case that does not open. Each of several bodies about one case has a record of its own, which it may change."""
    cases: list[EventCase] = [None] * len(wanted)
    whole: dict[int, UUID] = {}
    excerpts: dict[int, WantedExcerpt] = {}
    for place, (event, payload) in enumerate(wanted):
        if event.case_id is None:
            continue
        if payload == "EVENT_ONLY" and event.type not in views.DEEP_IN_THE_CASE:
            excerpts[place] = WantedExcerpt(event.case_id, views.part_of(event), event.target_id)
        else:
            # Everything, also for EVENT_ONLY: the objects of the event are picked from it.
            whole[place] = event.case_id
    for place, excerpt in zip(
        excerpts, await read_excerpts(conn, actor, data_key, list(excerpts.values()), reason), strict=True
    ):
        cases[place] = excerpt
    for place, case in zip(whole, await read_cases(conn, actor, data_key, list(whole.values()), reason), strict=True):
        cases[place] = case
    return cases


def opened(case: EventCase) -> CaseDetailRecord | CaseExcerpt | None:
    """Raises the error of a case that did not open."""
    if isinstance(case, Exception):
        raise case
    return case


async def write_body(
    services: Services, event: EventRecord, case: CaseDetailRecord | CaseExcerpt | None, style: Style
) -> dict[str, Any]:
    """The body as members ready for JSON. `case` is the event's, opened; it is changed on the way."""
    if case is not None:
        if style.payload == "EVENT_ONLY":
            # So that no other document is fetched.
            views.narrow(case, event.target_id)
        await _bring_documents(services, event, case, style)
        if isinstance(case, CaseDetailRecord):
            link_appointments(case.calendar_events or (), *_pages(services, event, style))
    booked = event.calendar_event
    appointment = open_appointment(booked, *_pages(services, event, style)) if booked else None
    return views.show_event(event, case, appointment, style.payload)


def _pages(services: Services, event: EventRecord, style: Style) -> tuple[bytes, UUID, str]:
    """What links to an appointment's pages are made from."""
    return services.calendar_link_key, event.organization_id, style.base_url


async def _bring_documents(
    services: Services, event: EventRecord, case: CaseDetailRecord | CaseExcerpt, style: Style
) -> None:
    attachments = list(attachments_of(case))
    if style.document_format == "BASE64" and total_bytes(attachments) <= MAX_INLINE_BYTES:
        await inline_documents(services, event.organization_id, attachments)
    else:
        link_documents(services, event.organization_id, attachments, style.base_url)
