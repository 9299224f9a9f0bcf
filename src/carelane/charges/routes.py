"""/billing/charge: what patients owe. Selling, adjusting and changing have rooms of their own."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar.di import NamedDependency
from litestar.params import FromQuery, PathParameter, QueryParameter

from carelane.charges import reads
from carelane.charges.schemas import (
    ChargeFilters,
    ChargePageOut,
    ChargeStatus,
    ChargeWithItemsOut,
    SortBy,
    TimelineEntryOut,
)
from carelane.kit.auth import Actor
from carelane.kit.errors import RecordNotFoundError
from carelane.kit.ids import record_id
from carelane.kit.names import fold_name
from carelane.services import Services
from carelane.web.paging import PAGE, PER_PAGE, Direction, Page, names, page_of, ranges_of, word
from carelane.web.periods import Period, read_periods
from carelane.web.routes import ActorRequest, Routes

# The list has no pages.
MAX_LISTED = 1_000

routes = Routes(tag="Charges")


@routes.get("/billing/charge/table", "List charges, by pages")
async def list_charge_table(
    request: ActorRequest,
    services: NamedDependency[Services],
    page: Annotated[int | None, PAGE] = None,
    per_page: Annotated[int | None, PER_PAGE] = None,
    sort_by: FromQuery[SortBy] = "created_date",
    sort_direction: FromQuery[Direction] = "desc",
    location_id: Annotated[str | None, word("Charges of one location")] = None,
    id: Annotated[str | None, word("One charge")] = None,  # noqa: A002 - its name in the query
    patient_id: Annotated[str | None, word("Charges of one patient")] = None,
    name: Annotated[str | None, word("A part of the patient's name")] = None,
    total: Annotated[list[int] | None, QueryParameter(description="Lowest and highest total in cents")] = None,
    total_outstanding: Annotated[list[int] | None, QueryParameter(description="Lowest and highest, in cents")] = None,
    description: Annotated[
        str | None, word(f"A part of the description; looked for in the newest {reads.MAX_OPENED:,} that fit")
    ] = None,
    status: Annotated[list[ChargeStatus] | None, names("Any of these")] = None,
    charge_external_id: Annotated[str | None, word("The charge's whole externalId")] = None,
    patient_external_id: Annotated[str | None, word("The patient's whole externalId")] = None,
    created_date: Annotated[list[str] | None, names("One day, or first and last")] = None,
    payment_date: Annotated[list[str] | None, names("One day, or first and last; of a payment")] = None,
    tz: Annotated[str | None, word("Time zone of the days; without it UTC")] = None,
    location_ids: Annotated[list[str] | None, names("Any of these")] = None,
) -> ChargePageOut:
    """The organization's charges, newest first unless asked otherwise."""
    actor = request.auth
    ranges = ranges_of({"total": total, "total_outstanding": total_outstanding})
    periods = read_periods({"created_date": created_date, "payment_date": payment_date}, tz)
    filters = ChargeFilters(
        ids=_ids(actor, [id] if id is not None else None),
        patient_id=record_id(actor.organization_id, patient_id) if patient_id is not None else None,
        statuses=list(status) if status is not None else None,
        external_id=charge_external_id,
        location_ids=_both(_ids(actor, location_ids), _ids(actor, [location_id] if location_id is not None else None)),
        total=ranges["total"],
        outstanding=ranges["total_outstanding"],
        patient_name=(fold_name(name) or name) if name is not None else None,
        patient_external_id=patient_external_id,
        description=description,
        sort_by=sort_by,
        sort_direction=sort_direction,
    )
    return await reads.list_charge_table(services, actor, _within(filters, periods), page_of(page, per_page))


@routes.get("/billing/charge/list", "List charges")
async def list_charges(
    request: ActorRequest,
    services: NamedDependency[Services],
    patient_id: Annotated[str | None, word("Charges of one patient")] = None,
    status: FromQuery[ChargeStatus | None] = None,
) -> list[ChargeWithItemsOut]:
    """The newest charges with their items, all that fit, at most a thousand."""
    filters = ChargeFilters(
        patient_id=record_id(request.auth.organization_id, patient_id) if patient_id is not None else None,
        statuses=[status] if status is not None else None,
    )
    return await reads.list_charges(services, request.auth, filters, Page(MAX_LISTED, 0))


@routes.get("/billing/charge/get/{id:str}", "Get a charge", errors=(RecordNotFoundError,))
async def get_charge(
    request: ActorRequest,
    services: NamedDependency[Services],
    id: Annotated[str, PathParameter(description="Id of the charge")],  # noqa: A002 - its name in the path
) -> ChargeWithItemsOut:
    """One charge with its items."""
    return await reads.get_charge(services, request.auth, id)


@routes.get("/billing/charge/timeline", "Get all that happened to a charge", errors=(RecordNotFoundError,))
async def get_charge_timeline(
    request: ActorRequest,
    services: NamedDependency[Services],
    charge_id: Annotated[str | None, word("The charge")] = None,
    payment_id: Annotated[str | None, word("A payment of the charge")] = None,
) -> list[TimelineEntryOut]:
    """Oldest first. One of the two parameters must be there."""
    return await reads.get_timeline(services, request.auth, charge_id, payment_id)


def _ids(actor: Actor, refs: list[str] | None) -> list[UUID] | None:
    return [record_id(actor.organization_id, ref) for ref in refs] if refs is not None else None


def _both(some: list[UUID] | None, others: list[UUID] | None) -> list[UUID] | None:
    """What is in both lists; None stands for everything."""
    if some is None or others is None:
        return others if some is None else some
    return [one for one in some if one in others]


def _within(filters: ChargeFilters, periods: dict[str, Period]) -> ChargeFilters:
    created, paid = periods.get("created_date"), periods.get("payment_date")
    if created is not None:
        filters = msgspec.structs.replace(filters, created_from=created.begins_at, created_until=created.ends_at)
    if paid is not None:
        filters = msgspec.structs.replace(filters, paid_from=paid.begins_at, paid_until=paid.ends_at)
    return filters
