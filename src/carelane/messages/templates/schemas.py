"""Templates of mail on the wire, and their rules."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated, Literal, get_args

import msgspec
from msgspec import Meta

from carelane.kit.errors import FieldProblem
from carelane.messages.templates.access import checked

MailKind = Literal[
    "QUOTE",
    "INVOICE",
    "RECEIPT",
    "PAYMENT",
    "SIGN_IN_CODE",
    "APPOINTMENT_BOOKED",
    "APPOINTMENT_MOVED",
    "APPOINTMENT_CANCELED",
]
KINDS: tuple[MailKind, ...] = get_args(MailKind)
# The first stands in every one of them: without it the mail is of no use.
VARIABLES: dict[MailKind, tuple[str, ...]] = {
    "QUOTE": ("link", "clinic", "firstName", "message", "openUntil"),
    "INVOICE": ("link", "clinic", "firstName", "message"),
    "RECEIPT": ("link", "clinic", "firstName"),
    "PAYMENT": ("link", "clinic", "firstName", "reason", "goodUntil", "support"),
    "SIGN_IN_CODE": ("code", "clinic"),
    "APPOINTMENT_BOOKED": ("when", "clinic", "firstName", "provider", "meetingLink", "changeLink", "cancelLink"),
    "APPOINTMENT_MOVED": ("when", "clinic", "firstName", "provider", "meetingLink", "changeLink", "cancelLink"),
    "APPOINTMENT_CANCELED": ("when", "clinic", "firstName", "provider"),
}
# Of a subject: relays write it down and locked screens show it, so no link, no name of a patient and nothing that was written
# freely. The code is there to be read at a glance.
IN_SUBJECT = frozenset({"clinic", "provider", "when", "code"})
VARIABLE = re.compile(r"\{([A-Za-z][A-Za-z_]{0,40})\}")
MAX_SUBJECT, MAX_TEXT, MAX_HTML = 200, 10_000, 40_000

Subject = Annotated[str, Meta(pattern=r"\S", max_length=MAX_SUBJECT)]
Text = Annotated[str, Meta(pattern=r"\S", max_length=MAX_TEXT)]
Html = Annotated[str, Meta(max_length=MAX_HTML)]


class MailWordsIn(msgspec.Struct, rename="camel", frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Texts hold the kind's variables in braces: `{link}`. `html` null: the mail is plain text."""

    subject: Subject
    text: Text
    html: Html | None = None


class MailTemplateIn(MailWordsIn, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`version`: the one that was read; null where the words were still ours."""

    version: Annotated[int, Meta(ge=1, le=2_147_483_647)] | None = None


class MailTemplateOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`isOurs`: the organization has no words of its own, and these are ours, as nearly as a template can say them."""

    kind: MailKind
    language: str
    is_ours: bool
    subject: str
    text: str
    html: str | None
    variables: list[str]
    version: int | None
    updated_at: datetime | None


class MailTemplatesOut(msgspec.Struct, rename="camel", frozen=True):
    mail_templates: list[MailTemplateOut]


class PreviewOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """What would be sent, with made-up values; `plainHtml` is what stands in its body, without looks."""

    subject: str
    text: str
    html: str | None
    plain_html: str | None


def broken_rules(kind: MailKind, words: MailWordsIn) -> Iterator[FieldProblem]:
    known = VARIABLES[kind]
    yield from _broken_variables("subject", words.subject, [name for name in known if name in IN_SUBJECT])
    yield from _broken_variables("text", words.text, known, known[0])
    if words.html is not None:
        found = checked(words.html, known)
        # As it is sent: what is written as an entity is a brace by then.
        yield from _broken_variables("html", found.html, known, known[0])
        yield from (FieldProblem("html", problem) for problem in found.problems)
        # As it is kept: a sign that is written as an entity is longer then.
        if (kept := len(found.html.strip())) > MAX_HTML:
            yield FieldProblem("html", f"expected at most {MAX_HTML:,} characters as we write it; it comes to {kept:,}")


def _broken_variables(field: str, text: str, known: Sequence[str], needed: str | None = None) -> Iterator[FieldProblem]:
    unknown = sorted(set(VARIABLE.findall(text)) - set(known))
    if unknown:
        named, allowed = (", ".join(f"{{{name}}}" for name in names) for names in (unknown, known))
        yield FieldProblem(field, f"expected no other variables than {allowed}; found {named}")
    elif set("{}") & set(VARIABLE.sub("", text)):
        yield FieldProblem(field, "expected braces only around the name of a variable, such as {clinic}")
    elif needed and f"{{{needed}}}" not in text:
        yield FieldProblem(field, f"expected {{{needed}}}: without it the mail is of no use")
