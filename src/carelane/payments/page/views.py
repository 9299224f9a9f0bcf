"""From a payment's row to the page that its patient reads."""

import msgspec

from carelane.kit.formatting import day_text, moment_text, money_text
from carelane.kit.languages import N_, _
from carelane.kit.phi import Phi
from carelane.payments.page.actions import PageKind, Seen
from carelane.payments.page.queries import PageRow
from carelane.web.html.pages import PageContent, notice
from carelane.web.html.wording import support_text

_STATUSES: dict[PageKind, int] = {"replaced": 410, "ended": 410}
_TITLES: dict[PageKind, str] = {
    "confirm": N_("Confirm your payment"),
    "card": N_("Pay with another card"),
    "first_card": N_("Enter a card"),
    "working": N_("Your payment is being made"),
    "waiting": N_("There is nothing to do yet"),
    "clinic": N_("The clinic is looking at your payment"),
    "paid": N_("Paid"),
    "refunded": N_("Refunded"),
    "canceled": N_("This payment was canceled"),
}
_TEXTS: dict[PageKind, str] = {
    "confirm": N_("Your bank wants to be sure that it is you who pays. You are led to its page, and back here."),
    "card": N_(
        "Your card could not be charged. You are led to a page where you can enter another one, and back here. "
        "Then that one is used, once."
    ),
    "first_card": N_(
        "The clinic has no card of yours that it can charge. You are led to a page where you can enter one, and back here. "
        "Then it is used, once."
    ),
    "working": N_("This takes a few seconds."),
    "waiting": N_(
        "Your card is charged once the clinic has approved your request. You will get a message if you are needed."
    ),
    "clinic": N_("You do not need to do anything. The clinic will get in touch with you if it needs you."),
    "paid": N_("Thank you. Your payment is complete."),
    "refunded": N_("The money was given back. It can take some days until you see it on your account."),
    "canceled": N_("Nothing is charged any more."),
}


class PaymentShown(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """A payment as text. Nothing in it is about health."""

    amount: str
    currency: str
    purpose: str
    paid_at: str | None
    paid: str | None
    refunded: str | None
    is_test: bool


def show_payment(row: PageRow) -> PaymentShown:
    purpose = (
        _("Online visit %(case)s") % {"case": row.short_id}
        if row.short_id is not None
        else _("Your purchase of %(day)s") % {"day": day_text(row.created_at, row.timezone)}
    )
    return PaymentShown(
        amount=money_text(row.amount_cents, row.currency),
        currency=row.currency,
        purpose=purpose,
        paid_at=moment_text(row.paid_at, row.timezone) if row.paid_at else None,
        paid=money_text(row.captured_cents, row.currency) if row.captured_cents else None,
        refunded=money_text(row.refunded_cents, row.currency) if row.refunded_cents else None,
        is_test=row.is_test,
    )


def show_page(path: str, seen: Seen, *, message: str = "") -> PageContent:
    """The page for this reader, now. `path` is its own."""
    row, kind = seen.row, seen.kind
    if kind in {"replaced", "ended"}:
        return _closed_page(row, kind)
    values = {
        "kind": kind,
        "title": _(_TITLES[kind]),
        "text": _(_TEXTS[kind]),
        "payment": show_payment(row),
        "clinic": row.organization_name,
        "logo": row.logo,
        "place": row.tagline,
        "color": row.color,
        "support": support_text(row.organization_name, row.support_email, row.support_phone),
        "message": message,
        "path": path,
    }
    return PageContent("payment.html", values)


def _closed_page(row: PageRow, kind: PageKind) -> PageContent:
    support = support_text(row.organization_name, row.support_email, row.support_phone)
    if kind == "replaced":
        title, text = (
            _("There is a newer link"),
            _("The clinic has sent you a new link. Please use the newest message."),
        )
    else:
        title, text = _("This link has ended"), _("The clinic can send you a new one.")
    return notice(_STATUSES[kind], title, text, support, clinic=row.organization_name, logo=row.logo)
