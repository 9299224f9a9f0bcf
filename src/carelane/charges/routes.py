"""/billing/charge: what patients owe, read only; conversion makes it."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromQuery, PathParameter, QueryParameter

from carelane import events
from carelane.charges import access, queries
from carelane.charges.periods import Period, read_periods
from carelane.charges.schemas import (
    ChargeFilters,
    ChargePageOut,
    ChargeStatus,
    ChargeWithItemsOut,
    SortBy,
    TimelineEntryOut,
)
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import FieldProblem, InvalidRequestError, RecordNotFoundError
from carelane.kit.ids import record_id
from carelane.permissions import BILLING_READ
from carelane.services import Services
from carelane.web.paging import PAGE, PER_PAGE, Direction, Page, names, page_of, pattern, ranges_of, word
from carelane.web.routes import ActorRequest

_TAGS = ["Charges"]
# The list knows no pages.
MAX_LISTED = 1_000


@get("/billing/charge/table", operation_id="listChargeTable", summary="List charges, by pages", tags=_TAGS)
async def list_table(
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
        str | None, word(f"A part of the description; looked for in the newest {access.MAX_OPENED:,} that fit")
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
    actor.require(BILLING_READ)
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
        patient_name=pattern(name) if name is not None else None,
        patient_external_id=patient_external_id,
    )
    filters = _at(filters, periods)
    order = sort_by, sort_direction
    return await _table(services, actor, filters, order, page_of(page, per_page), description)


@get("/billing/charge/list", operation_id="listCharges", summary="List charges", tags=_TAGS)
async def list_charges(
    request: ActorRequest,
    services: NamedDependency[Services],
    patient_id: Annotated[str | None, word("Charges of one patient")] = None,
    status: FromQuery[ChargeStatus | None] = None,
) -> list[ChargeWithItemsOut]:
    """The newest charges with their items, all that fit, at most a thousand."""
    actor = request.auth
    actor.require(BILLING_READ)
    filters = ChargeFilters(
        patient_id=record_id(actor.organization_id, patient_id) if patient_id is not None else None,
        statuses=[status] if status is not None else None,
    )
    data_key = await services.keyring.data_key(actor.organization_id)
    async with services.db.transaction(actor) as conn:
        rows = await queries.list_charges(
            conn, actor.organization_id, filters, ("created_date", "desc"), Page(MAX_LISTED, 0)
        )
        await events.record_read(conn, actor, "charges", actor.organization_id, "list of charges")
    return [access.show_with_items(data_key, row) for row in rows]


@get(
    "/billing/charge/get/{id:str}",
    operation_id="getCharge",
    summary="Get a charge",
    tags=_TAGS,
    opt={"errors": (RecordNotFoundError,)},
)
async def get_charge(
    request: ActorRequest,
    services: NamedDependency[Services],
    id: Annotated[str, PathParameter(description="Id of the charge")],  # noqa: A002 - its name in the path
) -> ChargeWithItemsOut:
    """One charge with its items."""
    request.auth.require(BILLING_READ)
    data_key = await services.keyring.data_key(request.auth.organization_id)
    async with services.db.transaction(request.auth) as conn:
        return access.show_with_items(data_key, await _get(conn, request.auth, id, "a charge"))


@get(
    "/billing/charge/timeline",
    operation_id="getChargeTimeline",
    summary="Get all that happened to a charge",
    tags=_TAGS,
    opt={"errors": (RecordNotFoundError,)},
)
async def get_timeline(
    request: ActorRequest,
    services: NamedDependency[Services],
    charge_id: Annotated[str | None, word("The charge")] = None,
    payment_id: Annotated[str | None, word("A payment of the charge; none can be made yet")] = None,
) -> list[TimelineEntryOut]:
    """Oldest first. One of the two parameters must be there."""
    request.auth.require(BILLING_READ)
    if charge_id is None and payment_id is None:
        named = "charge_id or payment_id is required"
        raise InvalidRequestError(problems=[FieldProblem("charge_id", named, "query")])
    data_key = await services.keyring.data_key(request.auth.organization_id)
    async with services.db.transaction(request.auth) as conn:
        if charge_id is None or payment_id is not None:
            raise RecordNotFoundError(f"no payment {payment_id} here")
        return access.show_timeline(data_key, await _get(conn, request.auth, charge_id, "timeline of a charge"))


CHARGES = [list_table, list_charges, get_charge, get_timeline]


async def _get(conn: Connection, actor: Actor, name: str, why: str) -> queries.ChargeRow:
    """The charge, read for `why`. Raises RecordNotFoundError."""
    row = await queries.find_charge(conn, actor.organization_id, record_id(actor.organization_id, name))
    if row is None:
        raise RecordNotFoundError(f"no charge {name} here")
    await events.record_read(conn, actor, "charge", row.id, why)
    return row


async def _table(
    services: Services,
    actor: Actor,
    filters: ChargeFilters,
    order: tuple[SortBy, Direction],
    page: Page,
    description: str | None,
) -> ChargePageOut:
    data_key = await services.keyring.data_key(actor.organization_id)
    async with services.db.transaction(actor) as conn:
        if description is not None:
            filters = await access.with_description(conn, data_key, actor.organization_id, filters, description)
        total = await queries.count_charges(conn, actor.organization_id, filters)
        rows = await queries.list_charges(conn, actor.organization_id, filters, order, page)
        await events.record_read(conn, actor, "charges", actor.organization_id, "table of charges")
    return ChargePageOut(data=[access.show_row(data_key, row) for row in rows], total=total)


def _ids(actor: Actor, given: list[str] | None) -> list[UUID] | None:
    return [record_id(actor.organization_id, name) for name in given] if given is not None else None


def _both(some: list[UUID] | None, others: list[UUID] | None) -> list[UUID] | None:
    """What is in both lists; None stands for everything."""
    if some is None or others is None:
        return others if some is None else some
    return [one for one in some if one in others]


def _at(filters: ChargeFilters, periods: dict[str, Period]) -> ChargeFilters:
    created = periods.get("created_date")
    if created is not None:
        filters = msgspec.structs.replace(filters, created_from=created.begins_at, created_until=created.ends_at)
    # No payment can be made yet, so none was made in any period.
    return msgspec.structs.replace(filters, ids=[]) if "payment_date" in periods else filters
