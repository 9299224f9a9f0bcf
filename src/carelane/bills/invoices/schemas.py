"""Invoices on the wire. All amounts are cents."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from carelane.bills.receipts.schemas import PublicPatientOut
from carelane.kit.errors import FieldProblem
from carelane.kit.ids import RecordName
from carelane.kit.phi import Phi
from carelane.web.paging import Direction

InvoiceMethod = Literal["CHARGE_CARD", "SMS", "EMAIL", "CALL", "MAIL", "EXPIRY"]
InvoiceStatus = Literal["PENDING", "SENT", "FAILED", "PAUSED", "CANCELLED"]
InvoiceSetStatus = Literal["ACTIVE", "PAUSED", "CANCELLED", "EXPIRED", "PAID", "WILL_FAIL", "FAILED"]
SortBy = Literal["send_time", "created_date", "amount", "status"]
# Nothing is outstanding of it any more.
OVER: frozenset[InvoiceSetStatus] = frozenset({"PAID", "CANCELLED"})
# What leaves this server.
SENT_BY = frozenset({"EMAIL", "SMS"})
MAX_MESSAGE_CHARACTERS = 10_000
MAX_CHARGES = 100


class ChargeNamedIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Of a `ChargeDetail` only its id is read."""

    id: RecordName


class ManualInvoiceIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`ManualInvoiceCreate`. Without `charges`: all that is outstanding."""

    patient_id: RecordName
    message: Annotated[str, Meta(max_length=MAX_MESSAGE_CHARACTERS)]
    invoice_method: InvoiceMethod
    charges: Annotated[list[ChargeNamedIn], Meta(min_length=1, max_length=MAX_CHARGES)] | None = None


class RetryMethodIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`RetryInvoiceMethod`."""

    invoice_set_id: RecordName
    method: InvoiceMethod


def invoice_problems(body: ManualInvoiceIn) -> Iterator[FieldProblem]:
    yield from method_problems("invoiceMethod", body.invoice_method)
    seen = set()
    for index, charge in enumerate(body.charges or ()):
        if charge.id in seen:
            yield FieldProblem(f"charges[{index}].id", "expected each charge once")
        seen.add(charge.id)


def retry_problems(body: RetryMethodIn) -> Iterator[FieldProblem]:
    yield from method_problems("method", body.method)


def method_problems(name: str, method: InvoiceMethod) -> Iterator[FieldProblem]:
    if method not in SENT_BY:
        yield FieldProblem(name, "expected one of EMAIL, SMS; the others are not offered here")


class InvoiceOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`InvoiceForTable`. `methods_attempted` are pairs of method and moment, oldest first. Members that are null by default have no
    source here."""

    id: str
    method: InvoiceMethod | None
    status: InvoiceStatus
    rule: dict[str, Any] | None = None
    amount: int
    send_time: datetime | None
    paused_date: datetime | None = None
    resumed_date: datetime | None = None
    methods_attempted: list[list[str]]
    failed_reason: str | None
    pdf_path: str | None = None
    email_status: str | None
    sms_content: str | None
    call_status: str | None = None


class InvoiceSetOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`InvoiceSetForTable`. The vendor does not say which members its own has."""

    id: str
    patient: PublicPatientOut
    status: InvoiceSetStatus
    amount: int
    total_outstanding: int
    currency: str
    created_date: datetime
    send_time: datetime | None
    paid_date: datetime | None
    rule_set_id: str | None = None
    location_id: str | None
    charge_ids: list[str]
    invoices: list[InvoiceOut]


class InvoicePageOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`Page_InvoiceSetForTable_`: `total` counts all that fit the filters."""

    data: list[InvoiceSetOut]
    total: int


class DeskInvoicesOut(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """A page, and the ids of those that ask for test money."""

    found: InvoicePageOut
    test_ids: set[str]


class InvoiceFilters(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """Which invoices the table shows, and in what order; None filters nothing. `patient_name` is a part of a folded name. What ends
    with `until` is excluded."""

    location_ids: list[UUID] | None = None
    statuses: list[str] | None = None
    patient_name: str | None = None
    amount: list[int] | None = None
    created_from: datetime | None = None
    created_until: datetime | None = None
    sent_from: datetime | None = None
    sent_until: datetime | None = None
    sort_by: SortBy = "send_time"
    sort_direction: Direction = "desc"
