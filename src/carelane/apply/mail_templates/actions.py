"""Templates of mail in a file: compared with what is there, and handed to their own actions."""

from collections.abc import Iterable
from uuid import UUID

import msgspec

from carelane.apply.mail_templates.schemas import MailTemplateEntry
from carelane.apply.states import Comparison, derived_id
from carelane.apply.views import Change
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.languages import choices
from carelane.messages.templates.actions import drop_words, save_words
from carelane.messages.templates.queries import TemplateRow, lock_templates
from carelane.messages.templates.reads import clean
from carelane.messages.templates.schemas import KINDS, MailKind, MailWordsIn
from carelane.permissions import ORGANIZATION_MANAGE, requires

MAIL_TEMPLATE = "mail template"


class MailTemplate(msgspec.Struct, frozen=True, kw_only=True):
    """What is compared of one: no words where they are ours."""

    id: UUID
    name: str
    subject: str | None = None
    text: str | None = None
    html: str | None = None


@requires(ORGANIZATION_MANAGE)
async def apply_mail_templates(
    conn: Connection, actor: Actor, entries: list[MailTemplateEntry], comparison: Comparison
) -> list[Change]:
    """Kinds and languages that the file does not name stay as they are."""
    if not entries:
        return []
    rows = {(row.kind, row.language): row for row in await lock_templates(conn, actor.organization_id)}
    changes = []
    for entry in entries:
        row = rows.get((entry.kind, entry.language))
        wanted = _template(actor.organization_id, entry.kind, entry.language, _cleaned(entry))
        there = _template(actor.organization_id, entry.kind, entry.language, row)
        # Where there are none they are new, unless the page took away those of the file.
        is_new = row is None and not entry.built_in and not comparison.find_applied(MAIL_TEMPLATE, wanted.id)
        saved, merged = comparison.merge_row(MAIL_TEMPLATE, wanted, None if is_new else there)
        if saved.subject is None and saved.html is not None:
            # The one took the words away, the other changed their looks.
            for each in merged.change.kept:
                comparison.refuse(MAIL_TEMPLATE, wanted.name, each)
        comparison.remember(MAIL_TEMPLATE, wanted.id, merged.fields)
        if saved != there:
            await _save(conn, actor, entry, saved, row)
        changes.append(merged.change)
    return changes


def standing_templates(organization_id: UUID, rows: Iterable[TemplateRow]) -> list[MailTemplate]:
    """Of every kind in every language."""
    there = {(row.kind, row.language): row for row in rows}
    return [
        _template(organization_id, kind, spoken, there.get((kind, spoken))) for kind in KINDS for spoken in choices()
    ]


def _template(
    organization_id: UUID, kind: MailKind, spoken: str, words: TemplateRow | MailWordsIn | None
) -> MailTemplate:
    """It has no id of its own: there is one of each kind in each language."""
    name = f"{kind} {spoken}"
    said = {} if words is None else {"subject": words.subject, "text": words.text, "html": words.html}
    return MailTemplate(id=derived_id(organization_id, MAIL_TEMPLATE, name), name=name, **said)


def _cleaned(entry: MailTemplateEntry) -> MailWordsIn | None:
    """As they are kept."""
    words = entry.words()
    return None if words is None else clean(entry.kind, words)


async def _save(
    conn: Connection, actor: Actor, entry: MailTemplateEntry, saved: MailTemplate, row: TemplateRow | None
) -> None:
    """Raises ChangedMeanwhileError when somebody else gave the mail its first words just now."""
    if saved.subject is None or saved.text is None:
        await drop_words(conn, actor, entry.kind, entry.language)
        return
    words = MailWordsIn(subject=saved.subject, text=saved.text, html=saved.html)
    await save_words(conn, actor, entry.kind, entry.language, words, row.version if row else None)
