"""From what is owed to the page that its patient reads."""

from collections.abc import Callable
from uuid import UUID

import msgspec

from carelane.bills.owed.queries import OwedRow, PaidRow
from carelane.bills.page.actions import BillSeen
from carelane.bills.printing.views import PrintedCharge, printed_charge
from carelane.bills.proof.views import closed_page, ended_page, identity_page, support
from carelane.kit.formatting import moment_text, money_text
from carelane.kit.phi import Phi
from carelane.web.html.pages import PageContent
from carelane.web.html.wording import joined


class OwedShown(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """A charge as text, and whether it is paid with a button."""

    charge: PrintedCharge
    owed: str
    paid: str | None
    currency: str
    can_be_paid: bool
    is_pending: bool
    is_test: bool


class PaidShown(msgspec.Struct, frozen=True, kw_only=True):
    amount: str
    paid_at: str
    receipt: str


def show_page(path: str, receipts: Callable[[UUID], str], seen: BillSeen, message: str = "") -> PageContent:
    """The page for this reader, now. `path` is its own; `receipts` gives the address of a payment's receipt."""
    if seen.kind == "verify":
        return identity_page(path, seen.proof, "bill", message)
    if seen.kind == "ended":
        return ended_page(seen.proof.clinic)
    if seen.kind != "open":
        return closed_page(seen.proof, seen.kind)
    clinic = seen.proof.clinic
    values: dict[str, object] = {
        "clinic": clinic.name,
        "logo": clinic.logo,
        "place": clinic.tagline or clinic.place,
        "color": clinic.color,
        "owed": [_show_owed(seen, one) for one in seen.owed],
        "totals": joined([money_text(cents, currency) for currency, cents in seen.sums]) if seen.sums else "",
        "is_cut": sum(one.charge.outstanding_cents for one in seen.owed) < sum(cents for _, cents in seen.sums),
        "recent": [_show_paid(seen, one, receipts(one.id)) for one in seen.recent],
        "message": message,
        "support": support(clinic),
        "path": path,
    }
    return PageContent("bill.html", values)


def _show_owed(seen: BillSeen, row: OwedRow) -> OwedShown:
    charge = row.charge
    paid_cents = charge.total_cents + charge.tip_cents + charge.adjusted_cents - charge.outstanding_cents
    return OwedShown(
        charge=printed_charge(seen.data_key, row.charge, row.currency, seen.proof.clinic.timezone),
        owed=money_text(row.charge.outstanding_cents, row.currency),
        paid=money_text(-paid_cents, row.currency) if paid_cents else None,
        currency=row.currency,
        can_be_paid=row.can_be_paid and not row.is_pending,
        is_pending=row.is_pending,
        is_test=row.is_test,
    )


def _show_paid(seen: BillSeen, row: PaidRow, receipt: str) -> PaidShown:
    paid_at = moment_text(row.paid_at, seen.proof.clinic.timezone)
    return PaidShown(amount=money_text(row.captured_cents, row.currency), paid_at=paid_at, receipt=receipt)
