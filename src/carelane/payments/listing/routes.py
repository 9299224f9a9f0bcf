"""/billing/payment/table."""

from typing import Annotated, Any
from uuid import UUID

from litestar.di import NamedDependency
from litestar.params import QueryParameter

from carelane.charges.money.schemas import PaymentStatus
from carelane.kit.auth import Actor
from carelane.kit.ids import record_id
from carelane.kit.names import fold_name
from carelane.payments.listing import reads
from carelane.payments.listing.schemas import PaymentFilters, PaymentTableOut, SortBy
from carelane.services import Services
from carelane.web.paging import PAGE, PER_PAGE, Direction, names, page_of, ranges_of, word
from carelane.web.periods import read_periods
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Payments")


@routes.get("/billing/payment/table", "List payments, by pages")
async def list_payment_table(
    request: ActorRequest,
    services: NamedDependency[Services],
    page: Annotated[int | None, PAGE] = None,
    per_page: Annotated[int | None, PER_PAGE] = None,
    sort_by: Annotated[SortBy | None, QueryParameter(description="Usually `created_date`")] = None,
    sort_direction: Annotated[Direction | None, QueryParameter(description="Usually `desc`")] = None,
    location_id: Annotated[str | None, word("Payments at one location")] = None,
    id: Annotated[str | None, word("One payment")] = None,  # noqa: A002 - its name in the query
    payer: Annotated[str | None, word("A part of the patient's name")] = None,
    patient_id: Annotated[str | None, word("Payments of one patient")] = None,
    external_patient_id: Annotated[str | None, word("The patient's whole externalId")] = None,
    payer_type: Annotated[str | None, word("PATIENT, who pays everything here; INSURANCE pays nothing")] = None,
    amount: Annotated[list[int] | None, QueryParameter(description="Lowest and highest, in cents")] = None,
    last4: Annotated[str | None, word("Last digits of the card, where they are known")] = None,
    comment: Annotated[str | None, word("A part of the description; in the newest 10,000 that have one")] = None,
    payment_mediums: Annotated[list[str] | None, names("Any of these")] = None,
    status: Annotated[list[PaymentStatus] | None, names("Any of these")] = None,
    type: Annotated[str | None, word("PAYMENT or CARD; whatever else there is none of")] = None,  # noqa: A002 - its name in the query
    tags: Annotated[list[str] | None, names("Ids of tags of the patient, any of these")] = None,
    created_date: Annotated[list[str] | None, names("One day, or first and last")] = None,
    tz: Annotated[str | None, word("Time zone of the days; without it UTC")] = None,
    location_ids: Annotated[list[str] | None, names("Any of these")] = None,
    creator_name: Annotated[str | None, word("A part of the name of who took it")] = None,
    creator_id: Annotated[str | None, word("Who took it")] = None,
    provider_id: Annotated[str | None, word("The same")] = None,
    merchant_account_ids: Annotated[list[str] | None, names("The gateway's accounts, any of these")] = None,
) -> PaymentTableOut:
    """All payments, of charges and of cases, the newest first unless asked otherwise. `total` is 10,000 at most."""
    actor = request.auth
    whose: dict[str, Any] = {
        "patient_id": _id(actor, patient_id),
        "external_patient_id": external_patient_id,
        "payer": _name(payer),
    }
    where = _both(_ids(actor, location_ids), _one(_id(actor, location_id)))
    who = _both(_one(_id(actor, creator_id)), _one(_id(actor, provider_id)))
    filters = PaymentFilters(
        **whose, id=_id(actor, id), tag_ids=_ids(actor, tags), amount=ranges_of({"amount": amount})["amount"], last4=last4,
        comment=comment, mediums=payment_mediums, statuses=list(status) if status is not None else None, location_ids=where,
        creator_name=creator_name, creator_ids=who, account_ids=_ids(actor, merchant_account_ids), **_kinds(payer_type, type),
        **_days(created_date, tz), sort_by=sort_by or "created_date", sort_direction=sort_direction or "desc",
    )  # fmt: skip
    return await reads.list_payment_table(services, actor, filters, page_of(page, per_page))


def _name(text: str | None) -> str | None:
    """In the form that names are kept in."""
    return (fold_name(text) or text) if text is not None else None


def _days(created_date: list[str] | None, tz: str | None) -> dict[str, Any]:
    created = read_periods({"created_date": created_date}, tz).get("created_date")
    return {"created_from": created.begins_at, "created_until": created.ends_at} if created is not None else {}


def _kinds(payer_type: str | None, kind: str | None) -> dict[str, Any]:
    """Insurers pay nothing here, and nobody pays a gateway by another thing than a card."""
    nothing = _fits_nothing(payer_type, "PATIENT") or _fits_nothing(kind, "PAYMENT", "CARD")
    return {"is_card": (kind or "").upper() == "CARD" or None, "fits_nothing": nothing or None}


def _fits_nothing(word: str | None, *known: str) -> bool:
    return bool(word) and (word or "").upper() not in known


def _id(actor: Actor, ref: str | None) -> UUID | None:
    return record_id(actor.organization_id, ref) if ref is not None else None


def _ids(actor: Actor, refs: list[str] | None) -> list[UUID] | None:
    return [record_id(actor.organization_id, ref) for ref in refs] if refs is not None else None


def _one(found: UUID | None) -> list[UUID] | None:
    return None if found is None else [found]


def _both(some: list[UUID] | None, others: list[UUID] | None) -> list[UUID] | None:
    """What is in both lists; None stands for everything."""
    if some is None or others is None:
        return others if some is None else some
    return [one for one in some if one in others]
