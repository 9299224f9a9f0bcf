"""Where pharmacies call back: no credential but the signature of the message itself, and problem bodies (RFC 9457)."""

from litestar import Router

from carelane.orders.inbox.routes import post_callback
from carelane.settings import Settings
from carelane.surfaces.staff import OPEN
from carelane.web.errors import ErrorFormat, handler

PHARMACIES = ErrorFormat(shape=OPEN.shape, media_type=OPEN.media_type)
MAX_CALLBACK_BYTES = 1_048_576


def routers(settings: Settings) -> list[Router]:
    return [
        Router(
            "/pharmacies",
            route_handlers=[post_callback],
            exception_handlers={Exception: handler(PHARMACIES)},
            opt={"error_format": PHARMACIES},
            request_max_body_size=min(MAX_CALLBACK_BYTES, settings.max_body_bytes),
        )
    ]
