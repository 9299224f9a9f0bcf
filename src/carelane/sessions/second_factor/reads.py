"""What the owner of a second factor sees of it."""

import msgspec

from carelane.kit.auth import Actor
from carelane.kit.phi import Phi
from carelane.permissions import SESSION_OWN, requires
from carelane.services import Services
from carelane.sessions import codes
from carelane.sessions.second_factor import queries
from carelane.sessions.second_factor.access import Ticket, fingerprint_of
from carelane.sessions.second_factor.errors import NothingPendingError
from carelane.sessions.second_factor.queries import Owner
from carelane.staff.errors import MemberNotFoundError


class SetUp(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """A secret that is being set up: as text, and as what a QR code says. For its owner's eyes alone."""

    email: str
    clinic: str
    secret: str
    uri: str


class Protection(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """How the account of a member is protected."""

    email: str
    has_second_factor: bool
    is_pending: bool
    codes_left: int


async def find_owner_of(services: Services, ticket: Ticket) -> Owner:
    """Raises NothingPendingError when the ticket's member has another password by now, or a second factor."""
    async with services.db.reading(ticket.organization_id) as conn:
        owner = await queries.find_owner(conn, ticket.organization_id, ticket.staff_id)
    if owner is None or fingerprint_of(owner.password_hash or "") != ticket.fingerprint:
        raise NothingPendingError
    if owner.totp_secret_sealed is not None:
        raise NothingPendingError
    return owner


async def get_first_set_up(services: Services, ticket: Ticket) -> SetUp:
    """What the holder of a ticket sets up. Raises NothingPendingError."""
    return await _shown(services, Actor(ticket.organization_id, "staff"), await find_owner_of(services, ticket))


@requires(SESSION_OWN)
async def get_set_up(services: Services, actor: Actor) -> SetUp:
    """What the member who is signed in sets up. Raises NothingPendingError, MemberNotFoundError."""
    return await _shown(services, actor, await _own(services, actor))


@requires(SESSION_OWN)
async def get_protection(services: Services, actor: Actor) -> Protection:
    """Of the member who is signed in. Raises MemberNotFoundError."""
    owner = await _own(services, actor)
    return Protection(
        email=owner.email,
        has_second_factor=owner.totp_secret_sealed is not None,
        is_pending=owner.totp_pending_sealed is not None,
        codes_left=owner.codes_left,
    )


async def _own(services: Services, actor: Actor) -> Owner:
    async with services.db.reading(actor.organization_id) as conn:
        owner = await queries.find_owner(conn, actor.organization_id, actor.id) if actor.id else None
    if owner is None:
        raise MemberNotFoundError
    return owner


async def _shown(services: Services, actor: Actor, owner: Owner) -> SetUp:
    if owner.totp_pending_sealed is None:
        raise NothingPendingError
    data_key = await services.keyring.data_key(actor.organization_id)
    secret = data_key.open(owner.totp_pending_sealed, codes.SECRET, owner.id).decode()
    uri = codes.otpauth_uri(secret, owner.email, owner.organization_name)
    return SetUp(email=owner.email, clinic=owner.organization_name, secret=secret, uri=uri)
