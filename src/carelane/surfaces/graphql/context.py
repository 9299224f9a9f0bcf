"""What the fields of one request share: who asks, what was loaded already, and which storefronts were looked at."""

from typing import Any
from uuid import UUID

from strawberry import Info
from strawberry.dataloader import DataLoader

from carelane.cases.errors import CaseNotFoundError
from carelane.cases.overview import reads as cases
from carelane.cases.overview.queries import CaseOverview, OrderedProduct
from carelane.catalog.storefront.queries import ShownCatalog
from carelane.catalog.storefront.reads import list_shown
from carelane.kit.auth import Actor
from carelane.kit.errors import MissingCredentialError
from carelane.organizations.branding.errors import StorefrontNotFoundError
from carelane.organizations.branding.queries import Branding, ShownOrganization
from carelane.organizations.branding.reads import find_storefront, get_shown, visitor
from carelane.promo_codes.queries import VisibleCode
from carelane.promo_codes.reads import list_visible
from carelane.services import Services
from carelane.surfaces.graphql.answers import Asked


class Storefront:
    """What one organization shows; each part is read when a field first asks for it."""

    def __init__(self, services: Services, actor: Actor, shown: ShownOrganization, branding: Branding) -> None:
        self.organization_id: UUID = actor.organization_id
        self.shown, self.name, self.branding = shown, shown.name, branding
        self._catalogs: DataLoader[UUID | None, ShownCatalog] = DataLoader(load_fn=self._load)
        self._services, self._actor = services, actor

    async def catalog(self) -> ShownCatalog:
        return await self._catalogs.load(self.branding.form_id)

    async def promo_codes(self) -> list[VisibleCode]:
        return await list_visible(self._services, self._actor)

    async def _load(self, form_ids: list[UUID | None]) -> list[ShownCatalog]:
        return [await list_shown(self._services, self._actor, form_id) for form_id in form_ids]


class Context:
    """One per request."""

    def __init__(self, services: Services, actor: Actor | None, request_id: str | None) -> None:
        self.services = services
        self._actor = actor
        self._request_id = request_id
        # Nothing else was looked at while this is all.
        self.asked: list[Asked] = []
        self.is_public = True
        self._storefronts: DataLoader[tuple[str | None, UUID | None], Storefront | None] = DataLoader(
            load_fn=self._load_storefronts
        )
        self._cases: DataLoader[str, CaseOverview | None] = DataLoader(load_fn=self._load_cases)
        self.products: DataLoader[UUID, list[OrderedProduct]] = DataLoader(load_fn=self._load_products)

    def member(self) -> Actor:
        """Whoever asks, if that is known. Raises MissingCredentialError."""
        self.is_public = False
        if self._actor is None:
            raise MissingCredentialError("expected Authorization: Bearer and a token, or cv-api-key")
        return self._actor

    async def get_storefront(self, link_name: str | None = None, organization_id: UUID | None = None) -> Storefront:
        """Raises StorefrontNotFoundError."""
        found = await self._storefronts.load((link_name, organization_id))
        if found is None:
            named = "organizationId" if link_name is None and organization_id else "linkName"
            raise StorefrontNotFoundError(f"expected the {named} of an organization that has branding")
        return found

    async def get_case(self, case_id: str) -> CaseOverview:
        """Raises MissingCredentialError, ScopeMissingError, CaseNotFoundError."""
        self.member()
        found = await self._cases.load(case_id)
        if found is None:
            raise CaseNotFoundError
        return found

    async def own_organization(self) -> tuple[UUID, ShownOrganization]:
        """That of whoever asks. Raises MissingCredentialError."""
        organization_id = self.member().organization_id
        return organization_id, await get_shown(self.services, visitor(organization_id, self._request_id))

    async def _load_storefronts(self, named: list[tuple[str | None, UUID | None]]) -> list[Storefront | None]:
        return [await self._load_storefront(link_name, organization_id) for link_name, organization_id in named]

    async def _load_storefront(self, link_name: str | None, organization_id: UUID | None) -> Storefront | None:
        found = await find_storefront(self.services, link_name=link_name, organization_id=organization_id)
        if found is None:
            # Somebody may take the name in the next moment.
            self.is_public = False
            return None
        self.asked.append(Asked(found, link_name))
        actor = visitor(found.organization_id, self._request_id)
        shown = await get_shown(self.services, actor)
        return Storefront(self.services, actor, shown, shown.branding) if shown.branding else None

    async def _load_cases(self, refs: list[str]) -> list[CaseOverview | None]:
        return await cases.list_by_refs(self.services, self.member(), refs)

    async def _load_products(self, case_ids: list[UUID]) -> list[list[OrderedProduct]]:
        found = await cases.list_products(self.services, self.member(), case_ids)
        return [found.get(case_id, []) for case_id in case_ids]


def context_of(info: Info[Any, Any]) -> Context:
    context = info.context
    assert isinstance(context, Context)
    return context
