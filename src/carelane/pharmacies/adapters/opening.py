"""From a pharmacy's row to the adapter that talks to it."""

from carelane.kit.http import Http
from carelane.pharmacies.adapters import Adapter
from carelane.pharmacies.adapters.fhir import FhirAdapter
from carelane.pharmacies.adapters.http import HttpAdapter
from carelane.pharmacies.queries import Pharmacy
from carelane.services import Services


class NoAddressError(Exception):
    """The pharmacy has no URL: it is the simulator, and CARELANE_PHARMACY_SIMULATOR_URL is empty."""


def open_adapter(services: Services, pharmacy: Pharmacy, secret: bytes) -> Adapter:
    """`secret` is `pharmacy.secret_sealed`, opened. Opens no connection yet. Raises NoAddressError."""
    http, url = _address_of(services, pharmacy)
    timeout_seconds = services.settings.pharmacy_timeout_seconds
    if pharmacy.adapter in {"fhir", "simulator-fhir"}:
        return FhirAdapter(http, url, secret, timeout_seconds)
    return HttpAdapter(http, url, secret, timeout_seconds)


def _address_of(services: Services, pharmacy: Pharmacy) -> tuple[Http, str]:
    """The simulator listens on loopback, which no other pharmacy may be on; it speaks FHIR under /fhir."""
    if pharmacy.adapter not in {"simulator", "simulator-fhir"}:
        return services.http, _required(pharmacy.url)
    url = _required(services.settings.pharmacy_simulator_url)
    return services.simulator_http, url + "/fhir" if pharmacy.adapter == "simulator-fhir" else url


def _required(url: str | None) -> str:
    if not url:
        raise NoAddressError((NoAddressError.__doc__ or "").strip())
    return url.rstrip("/")
