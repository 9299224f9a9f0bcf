"""The demo's people sign in without mail: their passwords and second factors are derived, as its other secrets are, and stand in no
file; on loopback each has a link that signs in by one click.
"""

import base64
from collections.abc import Mapping
from uuid import UUID

import msgspec

from carelane.apply.organization.schemas import OrganizationFile
from carelane.kit import passwords
from carelane.kit.auth import system_actor
from carelane.kit.phi import DataKey
from carelane.permissions import Role
from carelane.services import Services
from carelane.sessions import codes
from carelane.sessions.one_click.access import OneClick, path_of
from carelane.sessions.one_click.queries import set_demo
from carelane.sessions.second_factor.queries import delete_second_factor
from carelane.staff.actions import save_members
from carelane.staff.queries import Secrets, list_members, list_secrets

_TOTP_SECRET_BYTES = 20
# What each one's secrets are derived from.
_NAMES = {
    "ines.marchetti@harbor-health.example": "HARBOR_ADMIN",
    "tomas.reyes@harbor-health.example": "HARBOR_MANAGER",
    "ada.berg@harbor-health.example": "HARBOR_CLINICIAN",
    "noor.haddad@harbor-health.example": "HARBOR_SECOND_CLINICIAN",
    "lena.ortiz@juniper-care.example": "JUNIPER_CLINICIAN",
    "mara.lindqvist@cedar-clinic.example": "CEDAR_ADMIN",
    "idris.cole@cedar-clinic.example": "CEDAR_CLINICIAN",
}


class Person(msgspec.Struct, frozen=True):
    """Whom of the demo one can sign in as."""

    id: UUID
    email: str
    role: Role
    password: str
    totp_secret: str

    def __repr__(self) -> str:
        return "Person(***)"


async def equip_people(services: Services, file: OrganizationFile) -> list[Person]:
    """Brings everybody's secrets back to those of the demo; in the order of the file."""
    assert file.organization.id is not None
    organization_id = file.organization.id
    actor, data_key = system_actor(organization_id), await services.keyring.data_key(organization_id)
    async with services.db.transaction(actor) as conn:
        ids = {member.email: member.id for member in await list_members(conn, organization_id)}
        people = [
            _person(services, ids[entry.email], entry.email, entry.role)
            for entry in file.staff
            if entry.email in _NAMES
        ]
        held = await list_secrets(conn, organization_id)
        changed = {one.id: _secrets(one, data_key) for one in people if not _has(held[one.id], one, data_key)}
        for staff_id in changed:
            await delete_second_factor(conn, organization_id, staff_id)
        await save_members(conn, actor, [], changed)
        await set_demo(conn, organization_id, [one.id for one in people])
    return people


def credentials_of(people: list[Person]) -> dict[str, object]:
    """As `demo-data` prints them: `staff…` is a clinician who can decide on cases, `admin…` an administrator, if there is one."""
    found: dict[str, object] = {}
    for prefix, person in _first_ones(people).items():
        found |= {
            f"{prefix}Id": str(person.id),
            f"{prefix}Email": person.email,
            f"{prefix}Password": person.password,
            f"{prefix}TotpSecret": person.totp_secret,
        }
    return found


def sign_in_paths(services: Services, organization_id: UUID, people: list[Person]) -> Mapping[str, str]:
    """One click each, on loopback."""
    return {
        prefix: path_of(services.staff_link_key, OneClick(organization_id, person.id))
        for prefix, person in _first_ones(people).items()
    }


def _first_ones(people: list[Person]) -> dict[str, Person]:
    roles: dict[str, Role] = {"staff": "CASEWORKER", "admin": "ADMIN"}
    found = {prefix: next((one for one in people if one.role == role), None) for prefix, role in roles.items()}
    return {prefix: person for prefix, person in found.items() if person is not None}


def _person(services: Services, staff_id: UUID, email: str, role: Role) -> Person:
    name = _NAMES[email]
    password = base64.urlsafe_b64encode(services.master_key.derive(f"demo {name}_PASSWORD")).decode().rstrip("=")
    secret = services.master_key.derive(f"demo {name}_TOTP_SECRET")[:_TOTP_SECRET_BYTES]
    return Person(staff_id, email, role, password, base64.b32encode(secret).decode())


def _has(held: Secrets, person: Person, data_key: DataKey) -> bool:
    if held.password_hash is None or held.totp_secret_sealed is None:
        return False
    known = data_key.open(held.totp_secret_sealed, codes.SECRET, person.id).decode()
    return known == person.totp_secret and passwords.is_right_now(person.password, held.password_hash)


def _secrets(person: Person, data_key: DataKey) -> Secrets:
    sealed = data_key.seal(person.totp_secret.encode(), codes.SECRET, person.id)
    return Secrets(password_hash=passwords.hash_now(person.password), totp_secret_sealed=sealed)
