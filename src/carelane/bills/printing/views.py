"""A receipt as text, and as a PDF. The template reads the struct as data, so what people wrote is printed as they wrote it."""

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import msgspec

from carelane.bills.receipts.queries import ReceiptChargeRow, ReceiptRow, SoldRow
from carelane.charges.money.queries import Returned
from carelane.charges.money.views import medium_of
from carelane.charges.queries import LINE_DESCRIPTION
from carelane.kit.formatting import day_text, moment_text, money_text
from carelane.kit.images import read_image
from carelane.kit.languages import N_, _, language, speaking
from carelane.kit.phi import DataKey, Phi
from carelane.kit.typesetting import compiled
from carelane.pricing.arithmetic import gross_cents
from carelane.pricing.lines import show_text

_TEMPLATE = Path(__file__).parent / "templates" / "receipt.typ"
_TIMES = "\N{MULTIPLICATION SIGN}"
_MEDIUMS = {
    "PAYMENT_LINK": N_("Card, online"),
    "SAVED_PAYMENT_METHOD": N_("Card on file"),
    "CASH": N_("Cash"),
    "PATIENT_CREDIT": N_("Credit with the clinic"),
    "EXTERNAL": N_("Paid elsewhere"),
}
# Of the template, which finds them by our own words.
_WORDS = (
    N_("Receipt"),
    N_("Receipt %(number)s"),
    N_("(test: no real money moved)"),
    N_("For"),
    N_("Paid"),
    N_("%(amount)s on %(day)s"),
    N_("How"),
    N_("Purpose"),
    N_("Purchase of %(day)s"),
    N_("Discount %(amount)s"),
    N_("Subtotal"),
    N_("Discount"),
    N_("Tax"),
    N_("Tip"),
    N_("Adjusted"),
    N_("Total"),
    N_("Paid with this payment"),
    N_("Still to pay"),
    N_("Paid (%(currency)s)"),
    N_("Given back on %(day)s"),
    N_("Given back on %(day)s, on its way"),
    N_("Kept"),
)
# At most: width, height.
_LOGO_POINTS = (200, 42)
# Refunds that came to nothing are not on a receipt.
_GONE = frozenset({"FAILED", "CANCELED"})


class PrintedLine(Phi, msgspec.Struct, frozen=True, kw_only=True):
    name: str
    description: str | None
    # How many, and the price of each; None for one piece.
    count: str | None
    discount: str | None
    amount: str


class PrintedCharge(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """`share` is what of the payment went to it, where that is not all of the payment."""

    id: str
    day: str
    lines: list[PrintedLine]
    subtotal: str
    discount: str | None
    tax: str
    tip: str | None
    adjusted: str | None
    total: str
    share: str | None
    owed: str | None


class PrintedRefund(msgspec.Struct, frozen=True, kw_only=True):
    day: str
    amount: str
    is_pending: bool


class PrintedLogo(msgspec.Struct, frozen=True, kw_only=True):
    """`content` is the picture's bytes as numbers: texts are all that the template gets. The size is in points."""

    content: list[int]
    width: float
    height: float


class Printed(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """A receipt as text. `made_at` is when it was paid, so that it prints the same whenever it is printed."""

    number: str
    made_at: datetime
    clinic: str
    tagline: str | None
    contact: list[str]
    # Of the clinic's, as CSS writes it; None: not one that can be printed.
    color: str | None
    patient: str
    paid_at: str
    paid: str
    currency: str
    method: str
    purpose: str | None
    charges: list[PrintedCharge]
    refunds: list[PrintedRefund]
    kept: str | None
    is_test: bool
    language: str
    logo: PrintedLogo | None = None


def render(printed: Printed) -> bytes:
    """The same receipt always gives the same bytes."""
    with speaking(printed.language):
        words = {text: _(text) for text in _WORDS}
    inputs = {"receipt": msgspec.json.encode(printed).decode(), "words": msgspec.json.encode(words).decode()}
    return compiled(_TEMPLATE, inputs, printed.made_at.replace(microsecond=0))


def logo_of(content: bytes) -> PrintedLogo | None:
    """As large as there is room for."""
    image = read_image(content)
    if image is None:
        return None
    scale = min(_LOGO_POINTS[0] / image.width, _LOGO_POINTS[1] / image.height)
    return PrintedLogo(content=list(content), width=image.width * scale, height=image.height * scale)


def printed_of(data_key: DataKey, row: ReceiptRow) -> Printed:
    payment, clinic, currency = row.payment, row.clinic, row.payment.currency
    paid_at = payment.paid_at or payment.created_at
    given_back = [one for one in (*payment.refunds, *payment.lost) if one.status not in _GONE]
    back_cents = sum(one.amount_cents for one in given_back)
    return Printed(
        number=str(payment.id),
        made_at=paid_at,
        clinic=clinic.name,
        tagline=clinic.tagline,
        contact=[text for text in (clinic.place, clinic.phone, clinic.email) if text],
        color=_color(clinic.color),
        patient=" ".join(filter(None, (row.patient.first_name, row.patient.last_name))),
        paid_at=moment_text(paid_at, clinic.timezone),
        paid=money_text(payment.amount_cents, currency),
        currency=currency,
        method=_method(row),
        purpose=_("Online visit %(case)s") % {"case": row.short_id} if row.short_id else None,
        charges=[
            printed_charge(data_key, charge, currency, clinic.timezone, payment.amount_cents) for charge in row.charges
        ],
        refunds=[_refund(row, one) for one in given_back],
        kept=money_text(payment.amount_cents - back_cents, currency) if given_back else None,
        is_test=row.is_test,
        language=language(),
    )


def _method(row: ReceiptRow) -> str:
    medium = medium_of(row.payment)
    card = " ".join(
        filter(
            None,
            (
                (row.card_brand or "").title(),
                _("ending in %(digits)s") % {"digits": row.card_last4} if row.card_last4 else "",
            ),
        )
    )
    return card or _(_MEDIUMS.get(medium, medium))


def _color(color: str | None) -> str | None:
    digits = (color or "").removeprefix("#")
    is_hex = len(digits) in {3, 6} and all(one in "0123456789abcdefABCDEF" for one in digits)
    return f"#{digits}" if is_hex and color else None


def _refund(row: ReceiptRow, refund: Returned) -> PrintedRefund:
    return PrintedRefund(
        day=day_text(refund.created_at, row.clinic.timezone),
        amount=money_text(refund.amount_cents, row.payment.currency),
        is_pending=refund.status != "SUCCEEDED",
    )


def printed_charge(
    data_key: DataKey, charge: ReceiptChargeRow, currency: str, timezone: str, paid_cents: int | None = None
) -> PrintedCharge:
    """`paid_cents`: of the payment, if one is asked about."""

    def text(cents: int) -> str:
        return money_text(cents, currency)

    share_cents = charge.share_cents
    return PrintedCharge(
        id=str(charge.id),
        day=day_text(charge.created_at, timezone),
        lines=[_line(data_key, line, currency) for line in charge.lines],
        subtotal=text(charge.subtotal_cents),
        discount=text(-charge.discount_cents) if charge.discount_cents else None,
        tax=text(charge.tax_cents),
        tip=text(charge.tip_cents) if charge.tips else None,
        adjusted=text(charge.adjusted_cents) if charge.adjusted_cents else None,
        total=text(charge.total_cents + charge.tip_cents + charge.adjusted_cents),
        share=text(share_cents) if share_cents is not None and share_cents != paid_cents else None,
        owed=text(charge.outstanding_cents) if charge.outstanding_cents > 0 else None,
    )


def _line(data_key: DataKey, line: SoldRow, currency: str) -> PrintedLine:
    discount_cents = gross_cents(Decimal(line.quantity), line.unit_price_cents) - line.total_cents
    is_plain = line.quantity == 1 and not discount_cents
    return PrintedLine(
        name=line.name,
        description=show_text(data_key, LINE_DESCRIPTION, line.id, line.description),
        count=None if is_plain else f"{line.quantity} {_TIMES} {money_text(line.unit_price_cents, currency)}",
        discount=money_text(-discount_cents, currency) if discount_cents else None,
        amount=money_text(line.total_cents, currency),
    )
