"""Where pharmacies call back: no credential but the signature of the message itself, and problem bodies (RFC 9457)."""

from litestar import Router

from carelane.orders.inbox.routes import routes as inbox
from carelane.settings import Settings
from carelane.surfaces.routers import make_router
from carelane.surfaces.staff import OPEN

MAX_CALLBACK_BYTES = 1_048_576


def routers(settings: Settings) -> list[Router]:
    max_bytes = min(MAX_CALLBACK_BYTES, settings.max_body_bytes)
    return [make_router("/pharmacies", OPEN, inbox.handlers, max_bytes=max_bytes)]
