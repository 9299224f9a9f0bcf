"""Giving a kind of mail the organization's own words, and going back to ours."""

import msgspec

from carelane import events
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import refuse
from carelane.kit.languages import speaking
from carelane.messages.templates import queries
from carelane.messages.templates.reads import clean, place_of
from carelane.messages.templates.schemas import MailKind, MailTemplateIn, MailTemplateOut, MailWordsIn, broken_rules
from carelane.messages.templates.views import show_template
from carelane.permissions import ORGANIZATION_MANAGE, requires
from carelane.services import Services
from carelane.web.idempotency import RequestKey, run_once
from carelane.web.versions import ChangedMeanwhileError


@requires(ORGANIZATION_MANAGE)
async def change_mail_template(
    services: Services,
    actor: Actor,
    kind_ref: str,
    language_ref: str,
    body: MailTemplateIn,
    request_key: RequestKey | None,
) -> MailTemplateOut:
    """Raises RecordNotFoundError, RuleBrokenError, ChangedMeanwhileError."""
    kind, spoken = place_of(kind_ref, language_ref)
    refuse(broken_rules(kind, body))

    async def act(conn: Connection) -> MailTemplateOut:
        await save_words(conn, actor, kind, spoken, clean(kind, body), body.version)
        return await _shown(conn, actor, kind, spoken)

    return await run_once(services, actor, request_key, act)


@requires(ORGANIZATION_MANAGE)
async def reset_mail_template(
    services: Services, actor: Actor, kind_ref: str, language_ref: str, request_key: RequestKey | None
) -> MailTemplateOut:
    """Our own words again. Raises RecordNotFoundError."""
    kind, spoken = place_of(kind_ref, language_ref)

    async def act(conn: Connection) -> MailTemplateOut:
        await drop_words(conn, actor, kind, spoken)
        return await _shown(conn, actor, kind, spoken)

    return await run_once(services, actor, request_key, act)


@requires(ORGANIZATION_MANAGE)
async def save_words(
    conn: Connection, actor: Actor, kind: MailKind, spoken: str, words: MailWordsIn, version: int | None
) -> None:
    """Words that break no rule, cleaned, in place of those with this version; None: of ours. One event. Raises ChangedMeanwhileError."""
    values = msgspec.structs.asdict(words)
    if not await queries.save_template(conn, actor.organization_id, kind, spoken, values, version):
        raise ChangedMeanwhileError
    await _record(conn, actor, kind, spoken, "CHANGED")


@requires(ORGANIZATION_MANAGE)
async def drop_words(conn: Connection, actor: Actor, kind: MailKind, spoken: str) -> None:
    """One event if there were any."""
    if await queries.set_template_empty(conn, actor.organization_id, kind, spoken):
        await _record(conn, actor, kind, spoken, "RESET")


async def _shown(conn: Connection, actor: Actor, kind: MailKind, spoken: str) -> MailTemplateOut:
    row = await queries.find_template(conn, actor.organization_id, kind, spoken)
    with speaking(spoken):
        return show_template(kind, row)


async def _record(conn: Connection, actor: Actor, kind: MailKind, spoken: str, how: str) -> None:
    event = events.new_event(
        actor,
        "MAIL_TEMPLATE_CHANGED",
        None,
        target_id=actor.organization_id,
        value_before=f"{kind} {spoken}",
        value_after=how,
    )
    await events.record(conn, msgspec.structs.replace(event, is_quiet=True))
