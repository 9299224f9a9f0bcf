"""From a quote's row to the page that its patient reads."""

from datetime import datetime, timedelta

import msgspec

from carelane.carts.offers.views import open_texts
from carelane.kit import clock
from carelane.kit.formatting import moment_text, money_text, number_text
from carelane.kit.languages import _
from carelane.kit.phi import DataKey, Phi
from carelane.pricing.arithmetic import gross_cents
from carelane.pricing.lines import open_text
from carelane.quotes.page.access import PageKind, known_patient
from carelane.quotes.page.queries import PageLineRow, PageRow
from carelane.quotes.queries import DESCRIPTION
from carelane.web.html.pages import PageContent, notice
from carelane.web.html.wording import locked_text

_TIMES = "\N{MULTIPLICATION SIGN}"
_STATUSES: dict[PageKind, int] = {"not_sent": 404, "replaced": 410, "ended": 410, "closed": 403, "locked": 429}


class LineShown(Phi, msgspec.Struct, frozen=True, kw_only=True):
    name: str
    description: str | None
    # How many, and the price of each; None for one piece, whose price is the amount.
    count: str | None
    discount: str | None
    amount: str


class QuoteShown(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """A quote in full, as text."""

    title: str
    description: str | None
    terms: str | None
    status: str
    revision: int
    lines: list[LineShown]
    subtotal: str
    discount: str | None
    tax: str
    total: str
    currency: str
    open_until: str | None
    answered_at: str | None


class PaymentShown(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """What was paid, and what is still to pay, as text; None: nothing."""

    owed: str | None
    is_pending: bool
    paid: str | None
    paid_at: str | None
    refunded: str | None
    is_test: bool


class IdentityForm(Phi, msgspec.Struct, frozen=True):
    """What the form asks for by which readers show who they are."""

    asks_name: bool
    asks_birth: bool
    message: str


def show_quote(data_key: DataKey, row: PageRow) -> QuoteShown:
    texts = open_texts(data_key, row.id, row.texts)
    return QuoteShown(
        title=texts.title or _("Your quote"),
        description=texts.description,
        terms=texts.terms,
        status=row.status,
        revision=row.revision,
        lines=[_show_line(data_key, row.currency, line) for line in row.lines],
        subtotal=money_text(row.subtotal_cents, row.currency),
        discount=money_text(-row.discount_cents, row.currency) if row.discount_cents else None,
        tax=money_text(row.tax_cents, row.currency),
        total=money_text(row.total_cents, row.currency),
        currency=row.currency,
        open_until=moment_text(row.expires_at, row.timezone) if row.expires_at else None,
        answered_at=moment_text(row.responded_at, row.timezone) if row.responded_at else None,
    )


def _show_line(data_key: DataKey, currency: str, line: PageLineRow) -> LineShown:
    discount_cents = gross_cents(line.quantity, line.unit_price_cents) - line.total_cents
    is_plain = line.quantity == 1 and not discount_cents
    return LineShown(
        name=line.name,
        description=open_text(data_key, DESCRIPTION, line.id, line.description),
        count=None
        if is_plain
        else f"{number_text(line.quantity)} {_TIMES} {money_text(line.unit_price_cents, currency)}",
        discount=money_text(-discount_cents, currency) if discount_cents else None,
        amount=money_text(line.total_cents, currency),
    )


def show_page(
    path: str, row: PageRow, kind: PageKind, quote: QuoteShown | None, *, message: str = "", draft: str = ""
) -> PageContent:
    """The page for this reader, now. `path` is its own, `message` is shown at the top, `draft` is what the patient had written to
    the clinic."""
    if quote is not None:
        return _quote_page(path, row, kind, quote, message, draft)
    if kind == "verify":
        return _identity_page(path, row, message)
    return _closed_page(row, kind)


def _quote_page(path: str, row: PageRow, kind: PageKind, quote: QuoteShown, message: str, draft: str) -> PageContent:
    values = {
        "quote": quote,
        "clinic": row.organization_name,
        "logo": row.logo,
        "place": _place(row),
        "message": message,
        "draft": draft,
        "can_answer": kind == "open",
        "action": f"{path}/respond",
        "payment": show_payment(row),
        "can_pay": can_pay(row, kind),
        "pay_action": f"{path}/pay",
    }
    return PageContent("quote.html", values)


def can_pay(row: PageRow, kind: PageKind) -> bool:
    """Whether the page offers to pay: what it would come to once it is accepted, or what is still to pay of it."""
    is_offered = kind == "open" or (kind == "answered" and row.status in {"ACCEPTED", "CONVERTED"})
    return is_offered and row.money.can_be_paid and row.money.outstanding_cents > 0 and not row.money.is_pending


def show_payment(row: PageRow) -> PaymentShown:
    money = row.money
    return PaymentShown(
        owed=money_text(money.outstanding_cents, row.currency)
        if money.outstanding_cents and not money.is_void
        else None,
        is_pending=money.is_pending,
        paid=money_text(money.paid_cents, row.currency) if money.paid_cents else None,
        paid_at=moment_text(money.paid_at, row.timezone) if money.paid_at else None,
        refunded=money_text(money.refunded_cents, row.currency) if money.refunded_cents else None,
        is_test=money.is_test,
    )


def _identity_page(path: str, row: PageRow, message: str) -> PageContent:
    known = known_patient(row.last_name, row.date_of_birth, row.phone_number)
    form = IdentityForm(known.asks_name, known.asks_birth, message)
    said = _("%(clinic)s has a quote for you. Before we show it, please tell us what the clinic has on file.")
    intro = said % {"clinic": row.organization_name}
    values: dict[str, object] = {
        "intro": intro,
        "button": _("Show the quote"),
        "form": form,
        "action": f"{path}/verify",
    }
    return PageContent("identity.html", values | {"clinic": row.organization_name, "logo": row.logo})


def _closed_page(row: PageRow, kind: PageKind) -> PageContent:
    now = clock.now()
    title, *paragraphs = _closed_texts(row, kind, now)
    content = notice(_STATUSES.get(kind, 200), title, *paragraphs, clinic=row.organization_name, logo=row.logo)
    if kind != "locked":
        return content
    seconds = max(1, int(_time_locked(row, now).total_seconds()))
    return msgspec.structs.replace(content, headers={"Retry-After": str(seconds)})


def _closed_texts(row: PageRow, kind: PageKind, now: datetime) -> tuple[str, ...]:
    """A title and paragraphs."""
    call = _call(row)
    if kind == "not_sent":
        working = _("The clinic is still working on it. You will get a message.")
        return _("This quote is not ready yet"), working, call
    if kind == "replaced":
        return (
            _("There is a newer link"),
            _("The clinic has sent a new link to this quote. Please use the newest message."),
            call,
        )
    if kind == "closed":
        closed = _("For your safety this link is closed for good.")
        return _("Too many tries"), closed, f"{call} {_('They can send you a new link.')}"
    if kind == "ended":
        return _("This quote is no longer open"), _ended(row, now), f"{call} {_('They can make a new one.')}"
    if kind == "locked":
        return _("Too many tries"), _locked(row, now), call
    unsure = _("We know too little to be sure that it is you who reads this.")
    return _("Please call the clinic"), unsure, call


def _ended(row: PageRow, now: datetime) -> str:
    """Why it can no longer be answered, as far as the page may say."""
    if row.expires_at is not None and row.expires_at <= now:
        return _("It was open until %(when)s.") % {"when": moment_text(row.expires_at, row.timezone)}
    return _("The clinic has withdrawn it, or another quote took its place.")


def _locked(row: PageRow, now: datetime) -> str:
    # Whole minutes, rounded up, at least one.
    minutes = max(1, -(-_time_locked(row, now) // timedelta(minutes=1)))
    until = moment_text(row.verification_unlocks_at or now, row.timezone)
    return locked_text(minutes, until)


def _time_locked(row: PageRow, now: datetime) -> timedelta:
    return (row.verification_unlocks_at or now) - now


def _call(row: PageRow) -> str:
    if not row.clinic_phone:
        return _("If you have a question, call %(clinic)s.") % {"clinic": row.organization_name}
    said = _("If you have a question, call %(clinic)s at %(phone)s.")
    return said % {"clinic": row.organization_name, "phone": row.clinic_phone}


def _place(row: PageRow) -> str | None:
    parts = [part for part in (row.location_name, row.clinic_phone) if part]
    return " · ".join(parts) or None
