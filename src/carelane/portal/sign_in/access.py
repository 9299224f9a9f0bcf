"""Access tokens of patients, and the door from one to its patient."""

import hmac
from typing import Any
from uuid import UUID

import jwt
import msgspec

from carelane.kit import clock
from carelane.kit.auth import TOKEN_LIFETIME_SECONDS, Actor
from carelane.permissions import PORTAL_PATIENT, PORTAL_SERVE, requires
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
    return jwt.encode(claims, _key_for_patients(key), _ALGORITHM)


def read_access_token(key: bytes, text: str) -> PatientToken:
    """Raises InvalidAccessTokenError. No database is asked."""
    options = {"require": _CLAIMS, "verify_exp": False, "verify_iat": False}
    try:
        claims = jwt.decode(text, _key_for_patients(key), [_ALGORITHM], issuer=_ISSUER, options=options)  # type: ignore[arg-type]
        if claims["type"] != _TYPE or clock.now().timestamp() >= claims["exp"]:
            raise InvalidAccessTokenError
        return PatientToken(*(UUID(claims[name]) for name in ("organizationId", "userId", "sid")))
    except (jwt.InvalidTokenError, ValueError, TypeError, AttributeError):
        raise InvalidAccessTokenError from None


def _key_for_patients(key: bytes) -> bytes:
    """As long as HS512 wants it (RFC 7518, section 3.2), and no other kind of token is signed with it."""
    return hmac.digest(key, _TYPE.encode(), "sha512")


@requires(PORTAL_SERVE)
async def patient_for(services: Services, storefront: Actor, text: str) -> Actor:
    """The patient an access token speaks for; `storefront` passes on what they ask. Looked up for each request: who logged out is
    out at once.

    Who signed in as a record that was merged since is the patient whom it was merged into. Raises InvalidAccessTokenError, also
    when the family has ended, the token is of another organization, or the patient was archived.
    """
    token = read_access_token(services.token_key, text)
    if token.organization_id != storefront.organization_id:
        raise InvalidAccessTokenError
    async with services.db.reading(token.organization_id) as conn:
        person_id = await queries.find_person(
            conn, token.organization_id, token.session_id, token.patient_id, clock.now()
        )
    if person_id is None:
        raise InvalidAccessTokenError
    return Actor(token.organization_id, "patient", person_id, PORTAL_PATIENT, storefront.request_id)
