"""The queries. Those at the top need no credential; the others get what their reads give to whoever asks."""

from typing import Annotated, Any

import strawberry
from graphql import GraphQLSchema
from strawberry import ID, Info
from strawberry.schema.config import StrawberryConfig

from carelane.cases.overview import reads as cases
from carelane.kit.errors import FieldProblem, InvalidRequestError
from carelane.kit.ids import parse_uuid
from carelane.surfaces.graphql.case_types import Case, CasePage, CaseProduct, show_case, show_product
from carelane.surfaces.graphql.context import Storefront, context_of
from carelane.surfaces.graphql.public_info import PublicInfo, show_info
from carelane.surfaces.graphql.scalars import SCALARS
from carelane.surfaces.graphql.storefront_types import (
    CaseCategory,
    Organization,
    OrganizationBrandInfo,
    OrganizationTestimonial,
)
from carelane.surfaces.graphql.storefront_views import show_brand, show_testimonials

Request = Info[Any, Any]
LinkName = Annotated[str | None, strawberry.argument(description="What the organization's storefront goes by")]


@strawberry.type
class Query:
    @strawberry.field
    async def organization_partner_integration_public_info(
        self, info: Request, link_name: LinkName = None
    ) -> PublicInfo | None:
        """Everything a storefront shows of an organization. No credential."""
        return show_info(await context_of(info).get_storefront(_required("linkName", link_name)))

    @strawberry.field
    async def organization_public_testimonials(
        self, info: Request, link_name: LinkName = None
    ) -> list[OrganizationTestimonial] | None:
        """What customers said, newest first. No credential."""
        storefront = await context_of(info).get_storefront(_required("linkName", link_name))
        return show_testimonials(storefront.organization_id, storefront.branding)

    @strawberry.field
    async def organization_brand_info(
        self, info: Request, organization_id: str | None = None, link_name: LinkName = None
    ) -> OrganizationBrandInfo | None:
        """What an organization is called, by its id or its link name. No credential."""
        storefront = await _named_storefront(info, organization_id, link_name)
        return OrganizationBrandInfo(**show_brand(storefront.organization_id, storefront.shown))

    @strawberry.field
    async def case_by_id(self, info: Request, case_id: str | None = None) -> Case | None:
        """One case in short. Needs `cases:read`; the read is recorded."""
        return show_case(await context_of(info).get_case(_required("caseId", case_id)))

    @strawberry.field
    async def case_treatments(self, info: Request, case_id: str) -> list[CaseProduct] | None:
        """The products of a case, in the order in which they were asked for. Needs `cases:read`; the read is recorded."""
        context = context_of(info)
        case = await context.get_case(case_id)
        return [show_product(product) for product in await context.products.load(case.id)]

    @strawberry.field
    async def cases(self, info: Request, limit: int = 20, after: str | None = None) -> CasePage | None:
        """A page of at most 100 cases, newest first. Needs `cases:read`; the read of each is recorded."""
        context = context_of(info)
        page = await cases.list_page(context.services, context.member(), after, limit)
        return CasePage(data=[show_case(case) for case in page.cases], has_more=bool(page.cursor), cursor=page.cursor)

    @strawberry.field
    async def all_organizations(self, info: Request) -> list[Organization] | None:
        """One's own organization and no other. Any credential."""
        organization_id, shown = await context_of(info).own_organization()
        category = CaseCategory(id=ID(shown.case_type), name=shown.case_type)
        return [Organization(**show_brand(organization_id, shown), case_categories=[category])]


def _required(name: str, value: str | None) -> str:
    if not value:
        raise InvalidRequestError(problems=[FieldProblem(name, f"{name} is required")])
    return value


async def _named_storefront(info: Request, organization_id: str | None, link_name: str | None) -> Storefront:
    if organization_id is None:
        return await context_of(info).get_storefront(_required("organizationId, linkName", link_name))
    found = parse_uuid(organization_id)
    if found is None:
        raise InvalidRequestError(problems=[FieldProblem("organizationId", "expected a UUID")])
    return await context_of(info).get_storefront(organization_id=found)


# Strawberry's own `execute` reads each document anew; what executes ours takes graphql-core's schema.
SCHEMA: GraphQLSchema = strawberry.Schema(query=Query, config=StrawberryConfig(scalar_map=SCALARS))._schema
