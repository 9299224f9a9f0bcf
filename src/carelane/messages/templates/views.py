"""From a template to a mail, and our own words, each kind as a template. No I/O."""

import re
from collections.abc import Callable, Mapping
from html import escape

from carelane.kit.languages import N_, _, language
from carelane.kit.texts import one_line
from carelane.messages.schemas import Content
from carelane.messages.templates.access import checked
from carelane.messages.templates.queries import TemplateRow
from carelane.messages.templates.schemas import VARIABLE, VARIABLES, MailKind, MailTemplateOut, MailWordsIn
from carelane.organizations.logos.schemas import LogoOut

# What a mail is about, by the names of its variables.
Values = Mapping[str, str | None]

_ALONE = N_("This link is for you alone. If you did not expect this message, you can ignore it.")
# At most: width, height.
_LOGO_PIXELS = (240, 56)
_PARAGRAPH = re.compile(r"<(p|li)\b[^>]*>(?:(?!</?(?:p|li)\b).)*</\1>", re.DOTALL)
_SAMPLES: dict[str, str] = {
    "link": "https://care.example/q/sample",
    "firstName": "Marisol",
    "message": N_("Call us if anything is unclear."),
    "openUntil": "",
    "goodUntil": "",
    "reason": N_("Your bank wants you to confirm it. You can do that here:"),
    "support": "help@care.example",
    "code": "123456",
    "provider": "Dr. Ada Berg",
    "when": "",
    "meetingLink": "https://meet.example/ada",
    "changeLink": "https://care.example/a/sample/reschedule",
    "cancelLink": "https://care.example/a/sample/cancel",
}


def write(
    kind: MailKind, words: MailWordsIn | TemplateRow, values: Values, recipient: str, logo: LogoOut | None = None
) -> Content:
    """A paragraph whose variable has no value is left out, unless what makes the mail of use stands in it. Above HTML stands the
    logo."""
    needed = VARIABLES[kind][0]
    subject = one_line(_filled(words.subject, values))
    parts = re.split(r"\n\s*\n", words.text.replace("\r\n", "\n").strip())
    kept = [part for part in parts if _stays(part, values, needed)]
    head = "" if logo is None else _picture(logo, values.get("clinic") or "")
    html = "" if words.html is None else _document(head + _filled_html(words.html, values, needed))
    return Content(recipient, subject, "\n\n".join(_filled(part, values) for part in kept) + "\n", html=html)


def sample_values(clinic: str, when: str) -> dict[str, str]:
    """Of nobody. `when` stands for every day and time."""
    return {name: _(value) if value else when for name, value in _SAMPLES.items()} | {"clinic": clinic}


def show_plainly(kind: MailKind, html: str, values: Values) -> str:
    """For a page of ours: without looks of its own."""
    return _filled_html(checked(html, VARIABLES[kind]).plain, values, VARIABLES[kind][0])


def show_template(kind: MailKind, row: TemplateRow | None) -> MailTemplateOut:
    """In the language in hand."""
    words = row or ours(kind)
    return MailTemplateOut(
        kind=kind,
        language=language(),
        is_ours=row is None,
        subject=words.subject,
        text=words.text,
        html=words.html,
        variables=list(VARIABLES[kind]),
        version=row.version if row else None,
        updated_at=row.updated_at if row else None,
    )


def ours(kind: MailKind) -> MailWordsIn:
    """What we write where an organization has no words of its own."""
    subject, *parts = _OURS[kind]()
    return MailWordsIn(subject=subject, text="\n\n".join(parts))


def _quote() -> list[str]:
    return [
        _("A quote from %(clinic)s") % _NAMES,
        _("%(clinic)s has prepared a quote for you.") % _NAMES,
        "{message}",
        f"{_('You can see it and answer it here:')}\n{{link}}",
        _("The quote is open until %(when)s.") % {"when": "{openUntil}"},
        _(_ALONE),
    ]


def _invoice() -> list[str]:
    return [
        _("A bill from %(clinic)s") % _NAMES,
        _("%(clinic)s asks you to pay.") % _NAMES,
        "{message}",
        f"{_('You can see what it is for and pay it here:')}\n{{link}}",
        _(_ALONE),
    ]


def _receipt() -> list[str]:
    subject = _("Your receipt from %(clinic)s") % _NAMES
    return [subject, f"{_('%(what)s is here:') % {'what': subject}}\n{{link}}", _(_ALONE)]


def _payment() -> list[str]:
    subject = _("Your payment to %(clinic)s needs you") % _NAMES
    return [
        subject,
        f"{subject}.",
        "{reason}\n{link}",
        _("The link is good until %(day)s, and it is for you alone.") % {"day": "{goodUntil}"},
        _("If you have a question, write to %(email)s.") % {"email": "{support}"},
        _("If you did not expect this message, you can ignore it."),
    ]


def _code() -> list[str]:
    text = _(
        "%(code)s is your code to sign in to %(clinic)s. It is good for 5 minutes. Nobody from the clinic will ask you for it."
    )
    return [_("%(code)s is your code for %(clinic)s") % _NAMES, text % _NAMES]


def _booked() -> list[str]:
    said = _("%(name)s, your appointment with %(provider)s of %(clinic)s is on %(when)s.")
    return [_("Appointment with %(provider)s") % _NAMES, said % _NAMES, *_links()]


def _moved() -> list[str]:
    said = _("%(name)s, your appointment with %(provider)s of %(clinic)s is now on %(when)s.")
    title = _("Appointment with %(provider)s") % _NAMES
    return [_("Moved: %(title)s") % {"title": title}, said % _NAMES, *_links()]


def _canceled() -> list[str]:
    said = _("%(name)s, your appointment with %(provider)s of %(clinic)s on %(when)s is canceled.")
    title = _("Appointment with %(provider)s") % _NAMES
    return [_("Canceled: %(title)s") % {"title": title}, said % _NAMES]


def _links() -> list[str]:
    change = _("To take another time: %(url)s") % {"url": "{changeLink}"}
    cancel = _("To cancel: %(url)s") % {"url": "{cancelLink}"}
    return [_("To meet: %(url)s") % {"url": "{meetingLink}"}, f"{change}\n{cancel}"]


_NAMES = {
    "clinic": "{clinic}",
    "name": "{firstName}",
    "provider": "{provider}",
    "when": "{when}",
    "code": "{code}",
}
_OURS: dict[MailKind, Callable[[], list[str]]] = {
    "QUOTE": _quote,
    "INVOICE": _invoice,
    "RECEIPT": _receipt,
    "PAYMENT": _payment,
    "SIGN_IN_CODE": _code,
    "APPOINTMENT_BOOKED": _booked,
    "APPOINTMENT_MOVED": _moved,
    "APPOINTMENT_CANCELED": _canceled,
}


def _filled(text: str, values: Values) -> str:
    return VARIABLE.sub(lambda match: values.get(match[1]) or "", text)


def _stays(text: str, values: Values, needed: str) -> bool:
    names = VARIABLE.findall(text)
    return needed in names or all(values.get(name) for name in names)


def _filled_html(html: str, values: Values, needed: str) -> str:
    kept = _PARAGRAPH.sub(lambda match: match[0] if _stays(match[0], values, needed) else "", html)
    return VARIABLE.sub(lambda match: escape(values.get(match[1]) or "").replace("\n", "<br>"), kept)


def _picture(logo: LogoOut, clinic: str) -> str:
    """Of a size that every mail program keeps to; where pictures are not loaded, the clinic's name is in its place."""
    scale = min(_LOGO_PIXELS[0] / logo.width, _LOGO_PIXELS[1] / logo.height, 1)
    width, height = (max(1, round(side * scale)) for side in (logo.width, logo.height))
    return f'<p><img src="{escape(logo.url)}" alt="{escape(clinic)}" width="{width}" height="{height}"></p>\n'


def _document(body: str) -> str:
    return f'<!doctype html>\n<html lang="{language()}">\n<head><meta charset="utf-8"></head>\n<body>\n{body}\n</body>\n</html>\n'
