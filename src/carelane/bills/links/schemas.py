"""Links to bills, on the wire. All amounts are cents."""

import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from carelane.bills.receipts.schemas import PublicChargeOut, PublicPatientOut
from carelane.charges.schemas import ChargeWithItemsOut
from carelane.kit.errors import FieldProblem
from carelane.kit.ids import RecordName
from carelane.kit.phi import Phi
from carelane.patients.billing.schemas import BillingPatientOut

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}(?:T.*)?", re.ASCII)
_Text = Annotated[str, Meta(min_length=1, max_length=200)]


class PublicInvoiceOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`PublicInvoice`: something that a patient owes, and where it is paid. Its id is the charge's; `amount` is outstanding. The
    vendor does not say which members its own has."""

    id: str
    patient: PublicPatientOut
    amount: int
    currency: str
    charges: list[PublicChargeOut]
    created_date: datetime
    payment_link: str
    sandbox: bool


class PublicInvoiceSummaryOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`PublicInvoiceSummary`: all that a patient owes in one currency, and where it is paid. The vendor does not say which members its
    own has."""

    id: str
    patient: PublicPatientOut
    amount: int
    currency: str
    charge_ids: list[str]
    payment_link: str
    sandbox: bool


class VerifyPatientIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`VerifyPatient`: what somebody says of themselves."""

    patient_id: RecordName
    last_name: _Text
    phone_number: _Text
    date_of_birth: _Text

    @property
    def birth(self) -> date | None:
        if not _DAY.fullmatch(self.date_of_birth):
            return None
        try:
            return date.fromisoformat(self.date_of_birth[:10])
        except ValueError:
            return None


def verify_problems(body: VerifyPatientIn) -> Iterator[FieldProblem]:
    if body.birth is None:
        yield FieldProblem("dateOfBirth", "expected a date such as 1985-03-27")


class PaymentLinkDetailsOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`PaymentLinkDetails`."""

    charges: list[ChargeWithItemsOut]
    patient: BillingPatientOut
    payment_link: str


class EmbedPaymentConfigOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`EmbedPaymentConfig`: a payment that waits for its patient. `payin_config_id` is the payment's id, `session_key` the token of
    the page where it is paid, `payment_link` that page. No fee is taken."""

    session_key: str
    payin_config_id: str
    sandbox: bool
    patient: PublicPatientOut
    fee: int = 0
    charge: PublicChargeOut
    payment_link: str


class LinkAsked(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """`base` is where callers reach this server."""

    base: str
    return_url: str | None
