"""Templates of mail as administrators see them, and mail in an organization's own words."""

from uuid import UUID

import msgspec

from carelane.kit import clock
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import RecordNotFoundError, refuse
from carelane.kit.formatting import moment_text
from carelane.kit.languages import choices, language, speaking
from carelane.messages.schemas import Content
from carelane.messages.templates import queries
from carelane.messages.templates.access import checked
from carelane.messages.templates.schemas import (
    KINDS,
    VARIABLES,
    MailKind,
    MailTemplateOut,
    MailTemplatesOut,
    MailWordsIn,
    PreviewOut,
    broken_rules,
)
from carelane.messages.templates.views import Values, ours, sample_values, show_plainly, show_template, write
from carelane.organizations.logos.queries import list_logos
from carelane.organizations.logos.schemas import LogoOut
from carelane.organizations.logos.views import show_logos
from carelane.organizations.queries import get_organization_name
from carelane.permissions import ORGANIZATION_MANAGE, requires
from carelane.services import Services


async def write_mail(
    conn: Connection, organization_id: UUID, kind: MailKind, values: Values, recipient: str, public_url: str | None
) -> Content:
    """In the language in hand, as the organization words it; where it has no words of its own, as we do. HTML begins with the clinic's
    logo, at an address under `public_url`."""
    row = await queries.find_template(conn, organization_id, kind, language())
    logo = await _logo(conn, organization_id, public_url) if row is not None and row.html is not None else None
    return write(kind, row or ours(kind), values, recipient, logo)


async def in_own_words(
    conn: Connection, organization_id: UUID, kind: MailKind, values: Values, written: Content, public_url: str | None
) -> Content:
    """The same of a mail that says more in our words than a template can: without words of the organization's it stays as `written`."""
    row = await queries.find_template(conn, organization_id, kind, language())
    if row is None:
        return written
    logo = await _logo(conn, organization_id, public_url) if row.html is not None else None
    own = write(kind, row, values, written.recipient, logo)
    return msgspec.structs.replace(written, subject=own.subject, text=own.text, html=own.html)


async def _logo(conn: Connection, organization_id: UUID, public_url: str | None) -> LogoOut | None:
    """None as long as nobody outside can load it."""
    if not public_url:
        return None
    return show_logos(await list_logos(conn, organization_id), public_url.rstrip("/")).logo


@requires(ORGANIZATION_MANAGE)
async def preview_own_words(
    services: Services, actor: Actor, kind: MailKind, values: Values, recipient: str, base: str
) -> Content:
    """What would be sent now, in the language in hand. `base` is where addresses of ours begin."""
    async with services.db.reading(actor.organization_id) as conn:
        return await write_mail(conn, actor.organization_id, kind, values, recipient, base)


@requires(ORGANIZATION_MANAGE)
async def list_mail_templates(services: Services, actor: Actor) -> MailTemplatesOut:
    """Each kind in each language, whether the words are the organization's or ours."""
    async with services.db.reading(actor.organization_id) as conn:
        rows = {(row.kind, row.language): row for row in await queries.list_templates(conn, actor.organization_id)}
    found: list[MailTemplateOut] = []
    for kind in KINDS:
        for spoken in choices():
            with speaking(spoken):
                found.append(show_template(kind, rows.get((kind, spoken))))
    return MailTemplatesOut(found)


@requires(ORGANIZATION_MANAGE)
async def get_mail_template(services: Services, actor: Actor, kind_ref: str, language_ref: str) -> MailTemplateOut:
    """Raises RecordNotFoundError for a kind or language that there is not."""
    kind, spoken = place_of(kind_ref, language_ref)
    async with services.db.reading(actor.organization_id) as conn:
        row = await queries.find_template(conn, actor.organization_id, kind, spoken)
    with speaking(spoken):
        return show_template(kind, row)


@requires(ORGANIZATION_MANAGE)
async def preview_mail(
    services: Services, actor: Actor, kind_ref: str, language_ref: str, words: MailWordsIn
) -> PreviewOut:
    """What such a mail would be, with made-up values; nothing is kept. Raises RecordNotFoundError, RuleBrokenError."""
    kind, spoken = place_of(kind_ref, language_ref)
    refuse(broken_rules(kind, words))
    async with services.db.reading(actor.organization_id) as conn:
        clinic = await get_organization_name(conn, actor.organization_id)
        logo = await _logo(conn, actor.organization_id, services.settings.public_url) if words.html else None
    with speaking(spoken):
        values = sample_values(clinic, moment_text(clock.now(), "UTC"))
        content = write(kind, clean(kind, words), values, "patient@care.example", logo)
        plain = show_plainly(kind, words.html, values) if content.html and words.html else None
    return PreviewOut(subject=content.subject, text=content.text, html=content.html or None, plain_html=plain)


def place_of(kind_ref: str, language_ref: str) -> tuple[MailKind, str]:
    """Raises RecordNotFoundError."""
    kind: MailKind | None = next((one for one in KINDS if one == kind_ref), None)
    if kind is None or language_ref not in choices():
        raise RecordNotFoundError("there is no such kind of mail, or no such language")
    return kind, language_ref


def clean(kind: MailKind, words: MailWordsIn) -> MailWordsIn:
    """With the HTML as we write it. Of words that break no rule."""
    html = checked(words.html, VARIABLES[kind]).html.strip() if words.html is not None else None
    return MailWordsIn(subject=words.subject.strip(), text=words.text.strip(), html=html or None)
