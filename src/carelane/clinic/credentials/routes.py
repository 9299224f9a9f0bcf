"""/api/staff/settings/credentials"""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter

from carelane.clinic.credentials import actions, reads
from carelane.clinic.credentials.schemas import (
    CredentialIn,
    CredentialOut,
    CredentialPatch,
    CredentialSecretOut,
    CredentialsOut,
)
from carelane.clinic.errors import CredentialNotFoundError
from carelane.kit.errors import RuleBrokenError
from carelane.services import Services
from carelane.web.idempotency import read_key
from carelane.web.routes import ActorRequest, Routes
from carelane.web.versions import ChangedMeanwhileError

routes = Routes(tag="Staff: settings")

CredentialId = Annotated[str, PathParameter(description="UUID of the key or client")]
_ONE = "/settings/credentials/{credential_id:str}"


@routes.get("/settings/credentials", "List keys and clients")
async def list_credentials(request: ActorRequest, services: NamedDependency[Services]) -> CredentialsOut:
    """With what they may do and when they were last used. No secrets."""
    return await reads.list_credentials(services, request.auth)


@routes.post("/settings/credentials", "Make a key or client", errors=(RuleBrokenError,), repeatable=True)
async def create_credential(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[CredentialIn]
) -> CredentialSecretOut:
    """The answer holds its secret, this once."""
    return await actions.create_credential(services, request.auth, data, await read_key(request))


@routes.put(_ONE, "Change a key or client", errors=(CredentialNotFoundError, RuleBrokenError, ChangedMeanwhileError))
async def change_credential(
    request: ActorRequest,
    services: NamedDependency[Services],
    credential_id: CredentialId,
    data: JSONBody[CredentialPatch],
) -> CredentialOut:
    """Its name and what it may do. The secret stays."""
    return await actions.change_credential(services, request.auth, credential_id, data, await read_key(request))


@routes.post(f"{_ONE}/rotate", "Rotate a key or client", errors=(CredentialNotFoundError,), repeatable=True)
async def rotate_credential(
    request: ActorRequest, services: NamedDependency[Services], credential_id: CredentialId
) -> CredentialSecretOut:
    """Gives it another secret, shown this once. The one before is good for a few seconds more."""
    return await actions.rotate_credential(services, request.auth, credential_id, await read_key(request))


@routes.post(f"{_ONE}/revoke", "Revoke a key or client", errors=(CredentialNotFoundError,), repeatable=True)
async def revoke_credential(
    request: ActorRequest, services: NamedDependency[Services], credential_id: CredentialId
) -> CredentialOut:
    """For good: nobody can use its secret again."""
    return await actions.revoke_credential(services, request.auth, credential_id, await read_key(request))
