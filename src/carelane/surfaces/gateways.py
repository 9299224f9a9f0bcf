"""Where gateways tell what happened: no credential but the signature of the event itself, and problem bodies (RFC 9457)."""

from litestar import Router

from carelane.payments.inbox.routes import routes as inbox
from carelane.settings import Settings
from carelane.surfaces.routers import make_router
from carelane.surfaces.staff import OPEN

# Stripe's largest event is far below it.
MAX_EVENT_BYTES = 1_048_576


def routers(settings: Settings) -> list[Router]:
    max_bytes = min(MAX_EVENT_BYTES, settings.max_body_bytes)
    return [make_router("/gateways", OPEN, inbox.handlers, max_bytes=max_bytes)]
