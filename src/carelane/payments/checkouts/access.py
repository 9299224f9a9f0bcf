"""Where a patient may be sent to pay, for pages whose forms lead there. No I/O, and no gateway's package is loaded for it."""

from urllib.parse import urlsplit

from carelane.settings import Settings
from carelane.web.html.security import SCRIPTLESS_POLICY, with_form_target

# Stripe's own pages: where cards are entered, and where payments are confirmed.
_ORIGINS = ("https://checkout.stripe.com", "https://hooks.stripe.com", "https://pay.stripe.com")


def gateway_origins(settings: Settings) -> tuple[str, ...]:
    if settings.gateway_simulator_url is None:
        return _ORIGINS
    return (_origin(settings.gateway_simulator_url),)


def is_known(settings: Settings, url: str) -> bool:
    """Whether a form of ours may lead there. A gateway may have pages under a clinic's own name, and banks have theirs: to those
    a page of ours leads on."""
    return _origin(url) in gateway_origins(settings)


def form_headers(settings: Settings) -> dict[str, str]:
    """For a page whose form ends at a gateway: browsers check where the answer to a form redirects to."""
    return {"Content-Security-Policy": with_form_target(SCRIPTLESS_POLICY, " ".join(gateway_origins(settings)))}


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
