"""Who may come in at the URL of GraphQL, and how it answers what is no GraphQL at all."""

from litestar import Router

from carelane.settings import Settings
from carelane.surfaces.graphql.credentials import know_caller
from carelane.surfaces.graphql.formats import GRAPHQL
from carelane.surfaces.graphql.routes import MAX_BODY_BYTES, routes
from carelane.surfaces.routers import make_router


def router(settings: Settings) -> Router:
    return make_router(
        "/", GRAPHQL, routes.handlers, guard=know_caller, max_bytes=min(MAX_BODY_BYTES, settings.max_body_bytes)
    )
