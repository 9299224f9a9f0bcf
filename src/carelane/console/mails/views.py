"""Templates of mail as their pages show them."""

from datetime import datetime

import msgspec
from markupsafe import Markup

from carelane.console.forms import Filled
from carelane.kit.languages import N_, _, choices
from carelane.messages.templates.schemas import MailKind, MailTemplateOut, PreviewOut

PATH = "/console/mails"
_KINDS: dict[MailKind, str] = {
    "QUOTE": N_("A quote"),
    "INVOICE": N_("A bill"),
    "RECEIPT": N_("A receipt"),
    "PAYMENT": N_("A payment that needs the patient"),
    "SIGN_IN_CODE": N_("A code to sign in"),
    "APPOINTMENT_BOOKED": N_("An appointment is booked"),
    "APPOINTMENT_MOVED": N_("An appointment is moved"),
    "APPOINTMENT_CANCELED": N_("An appointment is canceled"),
}
_VARIABLES: dict[str, str] = {
    "link": N_("where the patient sees it"),
    "clinic": N_("the clinic's name"),
    "firstName": N_("the patient's first name"),
    "message": N_("what staff wrote to go with it"),
    "openUntil": N_("until when the quote is open"),
    "reason": N_("why the payment needs the patient"),
    "goodUntil": N_("until when the link is good"),
    "support": N_("where patients write to"),
    "code": N_("the six digits"),
    "provider": N_("with whom the appointment is"),
    "when": N_("when the appointment is"),
    "meetingLink": N_("where the visit takes place"),
    "changeLink": N_("where another time is chosen"),
    "cancelLink": N_("where the appointment is canceled"),
}
NAMES = {"subject": N_("Subject"), "text": N_("Plain text"), "html": N_("HTML")}


class Row(msgspec.Struct, frozen=True, kw_only=True):
    href: str
    name: str
    language: str
    subject: str
    is_ours: bool
    changed_at: datetime | None


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """What a patient by the name of Marisol would get."""

    subject: str
    text: str
    html: Markup | None


def row(one: MailTemplateOut) -> Row:
    return Row(
        href=f"{PATH}/{one.kind}/{one.language}",
        name=kind_name(one.kind),
        language=choices()[one.language],
        subject=one.subject,
        is_ours=one.is_ours,
        changed_at=one.updated_at,
    )


def kind_name(kind: MailKind) -> str:
    return _(_KINDS[kind])


def variables(one: MailTemplateOut) -> list[tuple[str, str]]:
    return [(f"{{{name}}}", _(_VARIABLES[name])) for name in one.variables]


def fields_of(one: MailTemplateOut) -> Filled:
    return Filled.of(subject=one.subject, text=one.text, html=one.html, version=one.version)


def shown(preview: PreviewOut) -> Shown:
    # Checked against the list of what a mail may hold, and written anew by us.
    html = Markup(preview.plain_html) if preview.plain_html else None  # noqa: S704
    return Shown(subject=preview.subject, text=preview.text, html=html)
