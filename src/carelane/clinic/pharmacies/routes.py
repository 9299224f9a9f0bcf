"""/api/staff/settings/pharmacies"""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter

from carelane.clinic.errors import PharmacySettingsNotFoundError
from carelane.clinic.pharmacies import actions, reads
from carelane.clinic.pharmacies.schemas import (
    PharmaciesSettingsOut,
    PharmacySecretOut,
    PharmacySettingsIn,
    PharmacySettingsOut,
)
from carelane.kit.errors import RuleBrokenError
from carelane.services import Services
from carelane.web.idempotency import read_key
from carelane.web.routes import ActorRequest, Routes
from carelane.web.versions import ChangedMeanwhileError

routes = Routes(tag="Staff: settings")

PharmacyId = Annotated[str, PathParameter(description="UUID of the pharmacy")]
_ONE = "/settings/pharmacies/{pharmacy_id:str}"


@routes.get("/settings/pharmacies", "List pharmacies' settings")
async def list_pharmacy_settings(request: ActorRequest, services: NamedDependency[Services]) -> PharmaciesSettingsOut:
    """Those that are switched off, too. No secrets."""
    return await reads.list_pharmacies(services, request.auth)


@routes.post("/settings/pharmacies", "Make a pharmacy", errors=(RuleBrokenError,), repeatable=True)
async def create_pharmacy(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[PharmacySettingsIn]
) -> PharmacySecretOut:
    """The answer holds its secret, this once."""
    return await actions.create_pharmacy(services, request.auth, data, await read_key(request))


@routes.get(_ONE, "Get a pharmacy's settings", errors=(PharmacySettingsNotFoundError,))
async def get_pharmacy_settings(
    request: ActorRequest, services: NamedDependency[Services], pharmacy_id: PharmacyId
) -> PharmacySettingsOut:
    """Without its secret."""
    return await reads.get_pharmacy(services, request.auth, pharmacy_id)


@routes.put(_ONE, "Change a pharmacy", errors=(PharmacySettingsNotFoundError, RuleBrokenError, ChangedMeanwhileError))
async def change_pharmacy(
    request: ActorRequest,
    services: NamedDependency[Services],
    pharmacy_id: PharmacyId,
    data: JSONBody[PharmacySettingsIn],
) -> PharmacySecretOut:
    """As a whole; the secret stays, but one that was a simulator gets its own, in the answer this once. To one that is switched
    off nothing can be ordered; what was ordered is still tracked."""
    return await actions.change_pharmacy(services, request.auth, pharmacy_id, data, await read_key(request))


@routes.post(
    f"{_ONE}/rotate",
    "Rotate a pharmacy's secret",
    errors=(PharmacySettingsNotFoundError, RuleBrokenError),
    repeatable=True,
)
async def rotate_pharmacy(
    request: ActorRequest, services: NamedDependency[Services], pharmacy_id: PharmacyId
) -> PharmacySecretOut:
    """Gives it another secret, shown this once. Callbacks signed with the one before are refused from then on."""
    return await actions.rotate_pharmacy(services, request.auth, pharmacy_id, await read_key(request))
