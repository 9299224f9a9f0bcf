"""Reads of webhook endpoints and deliveries, and how a request names them."""

from typing import get_args
from uuid import UUID

import msgspec

from carelane.kit.auth import Actor
from carelane.kit.errors import FieldProblem, InvalidRequestError
from carelane.kit.ids import parse_uuid
from carelane.services import Services
from carelane.webhooks.endpoints import queries
from carelane.webhooks.endpoints.errors import DeliveryNotFoundError, EndpointNotFoundError
from carelane.webhooks.endpoints.schemas import DeliveriesOut, DeliveryDetailOut, EndpointOut, Status

USUAL_PAGE = 50
MAX_PAGE = 100
MAX_ATTEMPTS_SHOWN = 100


class Page(msgspec.Struct, frozen=True):
    status: str | None
    before: UUID | None
    limit: int


def page_of(status: str | None, before: str | None, limit: str | None) -> Page:
    """From query parameters. Raises InvalidRequestError that names all that are wrong."""
    problems = []
    if status is not None and status not in get_args(Status):
        problems.append(FieldProblem("status", f"expected one of {', '.join(get_args(Status))}"))
    if before is not None and parse_uuid(before) is None:
        problems.append(FieldProblem("before", "expected `next` of the page before"))
    if limit is not None and not (limit.isdecimal() and len(limit) < 10 and 1 <= int(limit) <= MAX_PAGE):
        problems.append(FieldProblem("limit", f"expected a number from 1 to {MAX_PAGE}"))
    if problems:
        raise InvalidRequestError(problems=problems)
    return Page(status, parse_uuid(before) if before else None, int(limit) if limit else USUAL_PAGE)


def endpoint_of(text: str) -> UUID:
    """Raises EndpointNotFoundError for what cannot be an id."""
    found = parse_uuid(text)
    if found is None:
        raise EndpointNotFoundError
    return found


def delivery_of(text: str) -> UUID:
    """Raises DeliveryNotFoundError for what cannot be an id."""
    found = parse_uuid(text)
    if found is None:
        raise DeliveryNotFoundError
    return found


async def list_endpoints(services: Services, actor: Actor) -> list[EndpointOut]:
    async with services.db.reading(actor.organization_id) as conn:
        return await queries.list_endpoints(conn, actor.organization_id)


async def get_endpoint(services: Services, actor: Actor, endpoint_id: UUID) -> EndpointOut:
    """Raises EndpointNotFoundError."""
    async with services.db.reading(actor.organization_id) as conn:
        found = await queries.find_endpoint(conn, actor.organization_id, endpoint_id)
    if found is None:
        raise EndpointNotFoundError
    return found


async def list_deliveries(services: Services, actor: Actor, endpoint_id: UUID, page: Page) -> DeliveriesOut:
    """Raises EndpointNotFoundError."""
    async with services.db.reading(actor.organization_id) as conn:
        if await queries.find_endpoint(conn, actor.organization_id, endpoint_id) is None:
            raise EndpointNotFoundError
        found = await queries.list_deliveries(
            conn, actor.organization_id, endpoint_id, page.status, page.before, page.limit + 1
        )
    shown = found[: page.limit]
    return DeliveriesOut(deliveries=shown, next=shown[-1].id if len(found) > page.limit else None)


async def get_delivery(services: Services, actor: Actor, delivery_id: UUID) -> DeliveryDetailOut:
    """Raises DeliveryNotFoundError."""
    async with services.db.reading(actor.organization_id) as conn:
        found = await queries.find_delivery(conn, actor.organization_id, delivery_id)
        if found is None:
            raise DeliveryNotFoundError
        attempts = await queries.list_attempts(conn, actor.organization_id, delivery_id, MAX_ATTEMPTS_SHOWN)
    return DeliveryDetailOut(delivery=found, attempts=attempts)
