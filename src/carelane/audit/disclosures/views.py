"""Disclosures in words that a patient understands, and as CSV."""

from collections.abc import Sequence

from carelane.audit.disclosures.queries import DisclosureRow
from carelane.audit.disclosures.schemas import DisclosureKind, DisclosureOut, DisclosuresOut
from carelane.kit.languages import N_, _
from carelane.web.spreadsheets import csv_lines

_MESSAGES = {
    "CASE_CREATED": (N_("the people whom the clinic named"), N_("That a case came in"), N_("To start the treatment")),
    "CASE_MESSAGE": (N_("the clinician of the case"), N_("That the patient wrote"), N_("To answer the patient")),
    "APPOINTMENT": (N_("the patient or the clinician"), N_("A visit: when, and with whom"), N_("To hold the visit")),
    "QUOTE_LINK": (N_("the patient"), N_("A link to a quote"), N_("To offer the treatment")),
    "PAYMENT_LINK": (N_("the patient"), N_("A link to a payment"), N_("To be paid")),
    "PAYMENT_RECEIPT": (N_("the patient"), N_("A link to a receipt"), N_("To confirm a payment")),
    "INVOICE_LINK": (N_("the patient"), N_("A link to what is owed"), N_("To be paid")),
    "SIGN_IN_CODE": (N_("the patient"), N_("A code to sign in"), N_("To let the patient in")),
}
_OTHER_MESSAGE = (N_("the patient"), N_("A message"), N_("To reach the patient"))
_CHANNELS = {"MAIL": N_("by mail"), "SMS": N_("by text message")}
_RECORDS = {
    "patient": N_("Name, contact and details of the patient"),
    "case": N_("The case: answers, messages, decisions, orders"),
    "attachment": N_("A document"),
    "cart": N_("A cart"),
    "quote": N_("A quote"),
    "charge": N_("A charge"),
    "payment": N_("A payment"),
    "appointment": N_("A visit"),
}
_RECIPIENTS: dict[DisclosureKind, str] = {
    "PHARMACY": N_("a pharmacy"),
    "WEBHOOK": N_("a webhook endpoint"),
    "OLD_WEBHOOK": N_("a webhook endpoint; which one is no longer on record"),
    "PROGRAM": N_("a program whose key is gone"),
    "LINK": N_("whoever had the link"),
    "GATEWAY": N_("the payment provider"),
}
_COLUMNS = (N_("Date"), N_("To whom"), N_("What"), N_("Why"), N_("Case"), N_("Times"))


def show_disclosure(row: DisclosureRow) -> DisclosureOut:
    recipient, what, why = _words(row)
    return DisclosureOut(
        kind=row.kind,
        day=row.day,
        at=row.at,
        times=row.times,
        recipient=recipient,
        what=what,
        why=why,
        case_short_id=row.case_short_id,
    )


def to_csv(report: DisclosuresOut) -> str:
    """Whose it is and of which days, then a line for each; at the end whether that is not all."""
    name = " ".join(part for part in (report.first_name, report.last_name) if part)
    rows: list[Sequence[object]] = [
        (_("Disclosures"), name, report.first_day, report.last_day),
        [_(column) for column in _COLUMNS],
    ]
    rows += [(one.day, one.recipient, one.what, one.why, one.case_short_id, one.times) for one in report.disclosures]
    if report.is_cut:
        rows.append([_("There is more than stands here. Ask for fewer days.")])
    return csv_lines(rows)


def _words(row: DisclosureRow) -> tuple[str, str, str]:
    if row.kind == "MESSAGE":
        recipient, what, why = _MESSAGES.get(row.what, _OTHER_MESSAGE)
        return f"{_(recipient)}, {_(_CHANNELS[row.recipient or 'MAIL'])}".capitalize(), _(what), _(why)
    recipient = row.recipient or _(_RECIPIENTS[row.kind]).capitalize()
    record = _(_RECORDS.get(row.what, N_("A record")))
    if row.kind == "PHARMACY":
        return recipient, _("A prescription order: name, address, birth date, medicines, what to mind"), _("Treatment")
    if row.kind == "WEBHOOK":
        return recipient, _webhook(row), _("The clinic's own systems are told what happens")
    if row.kind == "GATEWAY":
        return recipient.capitalize(), _("Name and e-mail address"), _("Payment by card")
    whys = {
        "OLD_WEBHOOK": _("The clinic's own systems are told what happens"),
        "LINK": _("A link that the clinic shared was opened"),
        "PROGRAM": _("The clinic's own systems asked: %(reason)s") % {"reason": row.why or ""},
    }
    return recipient, record, whys[row.kind]


def _webhook(row: DisclosureRow) -> str:
    event = row.what.replace("_", " ").lower()
    if row.why == "FULL_CASE" and row.case_short_id:
        return _("The case in full, at: %(event)s") % {"event": event}
    return _("That this happened: %(event)s") % {"event": event}
