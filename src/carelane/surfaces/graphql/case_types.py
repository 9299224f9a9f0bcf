"""Cases in short, for whoever may read them. Products are loaded for all cases of an answer at once."""

from typing import Any
from uuid import UUID

import msgspec
import strawberry
from strawberry import ID, Info, Private

from carelane.cases.overview.queries import CaseOverview, NamedRecord, OrderedProduct, Submitter
from carelane.surfaces.graphql.context import context_of
from carelane.surfaces.graphql.scalars import DateTime


@strawberry.type
class CaseSubmitter:
    """The patient."""

    id: ID
    first_name: str | None
    last_name: str | None
    full_name: str
    email: str | None
    phone_number: str | None


@strawberry.type
class CaseBundle:
    id: ID
    name: str


@strawberry.type
class OrganizationProduct:
    id: ID
    name: str


@strawberry.type
class CaseProductSubscription:
    """Every `intervalCount` times `interval`: day, week, month or year."""

    interval: str | None
    interval_count: int | None


@strawberry.type
class CaseProductRequest:
    id: ID
    status: str
    visit_type: str | None
    form_response_id: ID | None
    created_at: DateTime
    updated_at: DateTime


@strawberry.type
class CaseProduct:
    """`status` is OPEN or CLOSE; how far each request for it is, they say themselves, newest first."""

    id: ID
    status: str
    created_at: DateTime
    organization_product: OrganizationProduct
    subscription: CaseProductSubscription | None
    case_product_requests: list[CaseProductRequest]


@strawberry.type
class Case:
    case_id: Private[UUID]
    id: ID
    short_id: str
    status: str
    type: str
    title: str
    created_at: DateTime
    updated_at: DateTime
    closed_at: DateTime | None
    is_archived: bool
    is_escalated: bool
    is_test: bool
    archive_reason: str | None
    archive_note: str | None
    referral_code: str | None
    product_bundle: CaseBundle | None
    submitter: CaseSubmitter

    @strawberry.field
    async def case_products(self, info: Info[Any, Any]) -> list[CaseProduct]:
        """In the order in which they were asked for."""
        return [show_product(product) for product in await context_of(info).products.load(self.case_id)]


@strawberry.type
class CasePage:
    """Newest first; `cursor` is the `after` of the next page, while there is one."""

    data: list[Case]
    has_more: bool
    cursor: str | None


def show_case(case: CaseOverview) -> Case:
    values: dict[str, Any] = msgspec.structs.asdict(case)
    values |= {
        "case_id": case.id,
        "id": str(case.id),
        "product_bundle": CaseBundle(**_named(case.product_bundle)) if case.product_bundle else None,
        "submitter": _show_submitter(case.submitter),
    }
    return Case(**values)


def _show_submitter(submitter: Submitter) -> CaseSubmitter:
    values: dict[str, Any] = msgspec.structs.asdict(submitter)
    values |= {"id": ID(str(submitter.id)), "full_name": submitter.full_name}
    return CaseSubmitter(**values)


def show_product(product: OrderedProduct) -> CaseProduct:
    subscription = product.subscription
    return CaseProduct(
        id=ID(str(product.id)),
        status=product.status,
        created_at=DateTime(product.created_at),
        organization_product=OrganizationProduct(**_named(product.organization_product)),
        subscription=CaseProductSubscription(**msgspec.structs.asdict(subscription)) if subscription else None,
        case_product_requests=[
            CaseProductRequest(**msgspec.structs.asdict(request)) for request in product.case_product_requests
        ],
    )


def _named(record: NamedRecord) -> dict[str, Any]:
    return {"id": str(record.id), "name": record.name}
