"""Access tokens of patients, and the door from one to its patient."""

from typing import Any
from uuid import UUID

import jwt
import msgspec

from carelane.kit import clock
from carelane.kit.auth import TOKEN_LIFETIME_SECONDS, Actor
from carelane.permissions import PORTAL_PATIENT
from carelane.portal.sign_in import queries
from carelane.portal.sign_in.errors import InvalidAccessTokenError
from carelane.services import Services

_ISSUER = "carelane"
_TYPE = "patient-portal"
_ALGORITHM = "HS512"
_CLAIMS = ["exp", "userId", "organizationId", "sid", "type"]


class PatientToken(msgspec.Struct, frozen=True):
    """What an access token says: whose it is, and the family it came from."""

    organization_id: UUID
    patient_id: UUID
    session_id: UUID


def issue_access_token(key: bytes, token: PatientToken) -> str:
    issued_at = int(clock.now().timestamp())
    claims: dict[str, Any] = {
        "iss": _ISSUER,
        "type": _TYPE,
        "userId": str(token.patient_id),
        "organizationId": str(token.organization_id),
        "sid": str(token.session_id),
        "role": "USER",
        "iat": issued_at,
        "exp": issued_at + TOKEN_LIFETIME_SECONDS,
    }
    return jwt.encode(claims, key, _ALGORITHM)


def read_access_token(key: bytes, text: str) -> PatientToken:
    """Raises InvalidAccessTokenError. No database is asked."""
    options = {"require": _CLAIMS, "verify_exp": False, "verify_iat": False}
    try:
        claims = jwt.decode(text, key, [_ALGORITHM], issuer=_ISSUER, options=options)  # type: ignore[arg-type]
        if claims["type"] != _TYPE or clock.now().timestamp() >= claims["exp"]:
            raise InvalidAccessTokenError
        return PatientToken(*(UUID(claims[name]) for name in ("organizationId", "userId", "sid")))
    except (jwt.InvalidTokenError, ValueError, TypeError, AttributeError):
        raise InvalidAccessTokenError from None


async def patient_for(services: Services, organization_id: UUID, text: str, request_id: str | None) -> Actor:
    """The patient an access token speaks for. Raises InvalidAccessTokenError, also when its family has ended or it is of another
    organization. Looked up for each request: who logged out is out at once."""
    token = read_access_token(services.token_key, text)
    if token.organization_id != organization_id:
        raise InvalidAccessTokenError
    async with services.db.reading(organization_id) as conn:
        family = await queries.find_family(conn, organization_id, token.session_id, clock.now())
    if family is None or family.patient_id != token.patient_id:
        raise InvalidAccessTokenError
    return Actor(organization_id, "patient", family.patient_id, PORTAL_PATIENT, request_id)
