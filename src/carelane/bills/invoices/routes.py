"""/billing/invoice: patients are asked to pay what they owe."""

from datetime import datetime
from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody, PathParameter

from carelane.bills.invoices import actions, reads
from carelane.bills.invoices.schemas import (
    InvoiceFilters,
    InvoiceOut,
    InvoicePageOut,
    InvoiceSetStatus,
    ManualInvoiceIn,
    RetryMethodIn,
    SortBy,
    invoice_problems,
    retry_problems,
)
from carelane.kit.errors import ConflictError, RecordNotFoundError, RuleBrokenError
from carelane.kit.ids import record_id
from carelane.kit.names import fold_name
from carelane.services import Services
from carelane.web.bodies import EitherCaseBody
from carelane.web.idempotency import read_key
from carelane.web.paging import PAGE, PER_PAGE, Direction, names, page_of, ranges_of, word
from carelane.web.periods import Period, read_periods
from carelane.web.routes import ActorRequest, Routes

_ERRORS = (RecordNotFoundError, ConflictError)

routes = Routes(tag="Invoices", body=EitherCaseBody)

InvoiceId = Annotated[str, PathParameter(description="Id of the invoice")]


@routes.get("/billing/invoice/table", "List invoices, by pages")
async def list_invoice_table(
    request: ActorRequest,
    services: NamedDependency[Services],
    page: Annotated[int | None, PAGE] = None,
    per_page: Annotated[int | None, PER_PAGE] = None,
    sort_by: FromQuery[SortBy] = "send_time",
    sort_direction: FromQuery[Direction] = "desc",
    location_id: Annotated[str | None, word("Invoices of one location")] = None,
    search_term: Annotated[str | None, word("A part of the patient's name")] = None,
    rule_set_id: Annotated[str | None, word("There are no rules here: nothing fits")] = None,
    status: Annotated[list[InvoiceSetStatus] | None, names("Any of these")] = None,
    amount: Annotated[list[int] | None, names("Lowest and highest, in cents")] = None,
    created_date: Annotated[list[str] | None, names("One day, or first and last")] = None,
    send_time: Annotated[list[str] | None, names("One day, or first and last")] = None,
    tz: Annotated[str | None, word("Time zone of the days; without it UTC")] = None,
) -> InvoicePageOut:
    """The organization's invoices, those sent last first unless asked otherwise. An invoice is a set of one: both have its id."""
    organization_id = request.auth.organization_id
    ranges = ranges_of({"amount": amount})
    periods = read_periods({"created_date": created_date, "send_time": send_time}, tz)
    created, sent = periods.get("created_date"), periods.get("send_time")
    filters = InvoiceFilters(
        location_ids=[record_id(organization_id, location_id)] if location_id is not None else None,
        statuses=_statuses(status, rule_set_id),
        patient_name=(fold_name(search_term) or search_term) if search_term is not None else None,
        amount=ranges["amount"],
        created_from=_first(created),
        created_until=created.ends_at if created else None,
        sent_from=_first(sent),
        sent_until=sent.ends_at if sent else None,
        sort_by=sort_by,
        sort_direction=sort_direction,
    )
    return await reads.list_invoice_table(services, request.auth, filters, page_of(page, per_page))


@routes.post("/billing/invoice/create", "Ask a patient to pay", errors=(*_ERRORS, RuleBrokenError), rules=invoice_problems,
             repeatable=True)  # fmt: skip
async def create_invoice(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[ManualInvoiceIn]
) -> InvoiceOut:
    """Sends the link to what the patient owes, with the clinic's words, by `EMAIL` or `SMS`. Of `charges` only the ids are read; without
    them it is for all that is outstanding. It is PAID when nothing of them is outstanding any more, however they were paid."""
    return await actions.create_invoice(services, request.auth, data, await read_key(request))


@routes.post("/billing/invoice/create-from-charge/", "Ask a patient to pay a charge", errors=_ERRORS, repeatable=True)
async def create_invoice_from_charge(
    request: ActorRequest, services: NamedDependency[Services], charge_id: Annotated[str, word("The charge")]
) -> InvoiceOut:
    """By mail where the patient has an address, else by text message."""
    return await actions.create_from_charge(services, request.auth, charge_id, await read_key(request))


@routes.put("/billing/invoice/retry-method", "Send an invoice by another method", errors=(*_ERRORS, RuleBrokenError),
            rules=retry_problems)  # fmt: skip
async def retry_invoice_method(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[RetryMethodIn]
) -> list[InvoiceOut]:
    """Of the set, which holds one invoice. Refused while it is on its way by another method, and once it is paid."""
    return await actions.retry_method(services, request.auth, data, None)


@routes.put("/billing/invoice/{invoice_id:str}/send-now", "Send an invoice now", errors=_ERRORS, repeatable=True)
async def send_invoice_now(
    request: ActorRequest, services: NamedDependency[Services], invoice_id: InvoiceId
) -> InvoiceOut:
    """Once more, if it was sent already; one that is on its way is left alone. A paid one is a 409."""
    return await actions.send_now(services, request.auth, invoice_id, await read_key(request))


@routes.put(
    "/billing/invoice/{invoice_id:str}/retry-send", "Try again to send an invoice", errors=_ERRORS, repeatable=True
)
async def retry_invoice_send(
    request: ActorRequest, services: NamedDependency[Services], invoice_id: InvoiceId
) -> InvoiceOut:
    """One that is FAILED; any other is a 409."""
    return await actions.retry_send(services, request.auth, invoice_id, await read_key(request))


def _statuses(status: list[InvoiceSetStatus] | None, rule_set_id: str | None) -> list[str] | None:
    """Nothing here was made by a rule."""
    if rule_set_id is not None:
        return []
    return [str(one) for one in dict.fromkeys(status)] if status is not None else None


def _first(period: Period | None) -> datetime | None:
    return period.begins_at if period else None
