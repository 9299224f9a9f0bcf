"""Builds the server: the list of routers, what they are given, what happens at start and stop."""

from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from functools import partial
from typing import Any
from uuid import UUID

from litestar import Litestar, Request, Response, Router
from litestar.datastructures import State
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import License
from litestar.types import ControllerRouterHandler

from carelane import __version__
from carelane.cases.access import OnClosed
from carelane.console import router as console
from carelane.documents.routes import routes as documents
from carelane.kit.backlog import Backlog
from carelane.kit.errors import RouteNotFoundError
from carelane.locations.photos.routes import routes as photos
from carelane.orders.desk.actions import end_unsent
from carelane.organizations.access import Gatekeeper, StorefrontOrigins
from carelane.organizations.limits import AddressLimiter, RequestLimiter
from carelane.organizations.logos.routes import routes as logos
from carelane.organizations.routes import router as oauth_router
from carelane.services import Services, make_services
from carelane.sessions.actions import SIGN_IN_WINDOW
from carelane.settings import Settings
from carelane.surfaces import billing, gateways, pages, pharmacies, staff
from carelane.surfaces.care.routers import routers as care_routers
from carelane.surfaces.docs.routes import document_of, get_docs, get_openapi
from carelane.surfaces.graphql import router as graphql
from carelane.surfaces.routers import make_router
from carelane.web import health
from carelane.web.cross_origin import CrossOrigin
from carelane.web.edge import Edge
from carelane.web.errors import ErrorFormat, handler, problems_member
from carelane.web.requests import BodyRequest, LargeBodies

# Routes that belong to no dialect answer errors in this shape.
OWN = ErrorFormat(
    shape=lambda error, status, text, request_id: {
        "status": status,
        "success": False,
        "error": error.detail or text,
        **problems_member(error, request_id),
    }
)


def create_litestar(settings: Settings, services: Services | None) -> Litestar:
    """The application. Without `services` it can describe itself, but not serve."""
    return _create_litestar(settings, None if services is None else lambda: services)


def _create_litestar(settings: Settings, make: Callable[[], Services] | None) -> Litestar:
    """`make` is called when it starts to serve: until then it is code, and may be shared by processes."""

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        assert make is not None
        services = make()
        fill(app.state, settings, services)
        await services.db.open()
        try:
            yield
        finally:
            app.state.large_bodies.close()
            await services.http.close()
            await services.db.close()

    return Litestar(
        route_handlers=_routers(settings),
        dependencies={
            "services": Provide(_services, sync_to_thread=False),
            "gatekeeper": Provide(_gatekeeper, sync_to_thread=False),
            "on_closed": Provide(_on_closed, sync_to_thread=False),
        },
        exception_handlers={Exception: _answer_unrouted},
        lifespan=[lifespan],
        openapi_config=_openapi_config(),
        logging_config=None,
        request_class=BodyRequest,
        request_max_body_size=settings.max_body_bytes,
    )


def _routers(settings: Settings) -> list[ControllerRouterHandler]:
    own = make_router(
        "/",
        OWN,
        [*health.routes.handlers, *documents.handlers, *photos.handlers, *logos.handlers],
        max_bytes=settings.max_body_bytes,
    )
    return [
        *care_routers(settings),
        *billing.routers(settings),
        *staff.routers(settings),
        *pharmacies.routers(settings),
        *gateways.routers(settings),
        graphql.router(settings),
        pages.router(),
        *console.routers(settings),
        oauth_router,
        own,
        get_openapi,
        get_docs,
    ]


def fill(state: State, settings: Settings, services: Services) -> None:
    """What a process keeps in mind."""
    state.services = services
    state.gatekeeper = Gatekeeper(services.db, settings.credential_cache_seconds)
    state.origins = StorefrontOrigins(services.db, settings.credential_cache_seconds)
    state.backlog = Backlog(services.db)
    state.limiter, state.addresses = RequestLimiter(services.db), AddressLimiter()
    state.sign_ins = AddressLimiter(SIGN_IN_WINDOW)
    state.large_bodies = LargeBodies(settings)


def _answer_unrouted(request: Request[Any, Any, Any], raised: Exception) -> Response[Any]:
    """A wrong path or method is answered in the dialect of its path."""
    if request.url.path.startswith(pages.PREFIXES):
        return pages.answer_error(request, raised)
    if console.is_ours(request.url.path):
        return console.answer_error(request, raised)
    if billing.is_ours(request.url.path):
        return billing.answer_unrouted(request, raised)
    return handler(OWN)(request, raised)


def _services(state: State) -> Services:
    return state.services  # type: ignore[no-any-return]


def _on_closed() -> OnClosed:
    """A case knows nothing of orders, and those that have not left end with it."""
    return OnClosed(end_unsent)


def _gatekeeper(state: State) -> Gatekeeper:
    return state.gatekeeper  # type: ignore[no-any-return]


def _openapi_config() -> OpenAPIConfig:
    return OpenAPIConfig(
        title="Carelane",
        version=__version__,
        description="A self-hosted backend for selling and delivering care online.",
        license=License(name="Apache-2.0", identifier="Apache-2.0"),
        render_plugins=[JsonRenderPlugin()],
        use_handler_docstrings=True,
        openapi_router=Router("/schema", route_handlers=[], guards=[_hide], include_in_schema=False),
    )


def _hide(*_: object) -> None:
    """Litestar adds a page of its own wherever it is told to; the complete document is at /openapi.json."""
    raise RouteNotFoundError


def create_app(settings: Settings) -> Edge:
    """The ASGI application; opens keys and database at start-up and closes it at the end."""
    app = _create_litestar(settings, partial(make_services, settings))

    async def organizations_of(origin: str) -> Collection[UUID]:
        return await app.state.origins.organizations_of(origin)  # type: ignore[no-any-return]

    return Edge(CrossOrigin(app, organizations_of))


def openapi_document() -> dict[str, Any]:
    """The OpenAPI document, without a database."""
    return document_of(create_litestar(Settings(), None))
