"""The demo data: two organizations with catalogue, forms, staff, pharmacies and credentials, from `demo.yaml`; and a case. Where a
gateway's simulator listens, a third that takes money through it, from `paying.yaml`.

Secrets are derived from the master key, so that asking again gives the same ones, and another installation has others.
"""

import base64
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import msgspec

from carelane.apply.actions import apply_file
from carelane.apply.organization.schemas import OrganizationFile
from carelane.apply.people.schemas import StaffEntry
from carelane.apply.reading import read_file
from carelane.demo.approved_case import DEMO_CASE_ID, PATIENT, make_demo_case
from carelane.demo.people import credentials_of, equip_people, sign_in_paths
from carelane.kit.auth import system_actor
from carelane.locations.reads import list_public_locations
from carelane.patients.billing.actions import create_patient
from carelane.patients.billing.schemas import BillingPatientIn
from carelane.permissions import Role
from carelane.services import Services
from carelane.staff.queries import list_members

DEMO_FILE = Path(__file__).with_name("demo.yaml")
PAYING_FILE = Path(__file__).with_name("paying.yaml")

# How the secrets of the files begin, by the variable that stands for each.
_PREFIXES = {
    "HARBOR_KEY": "cvk_",
    "HARBOR_CATALOG_KEY": "cvk_",
    "HARBOR_CLIENT_SECRET": "cvs_",
    "JUNIPER_KEY": "cvk_",
    "JUNIPER_CATALOG_KEY": "cvk_",
    "JUNIPER_CLIENT_SECRET": "cvs_",
    "CEDAR_KEY": "cvk_",
    "CEDAR_CATALOG_KEY": "cvk_",
    "CEDAR_CLIENT_SECRET": "cvs_",
    "CEDAR_GATEWAY_TEST_KEY": "sk_test_",
    "CEDAR_GATEWAY_LIVE_KEY": "sk_live_",
    "CEDAR_GATEWAY_TEST_WEBHOOK_SECRET": "whsec_",
    "CEDAR_GATEWAY_LIVE_WEBHOOK_SECRET": "whsec_",
}
_OTHER_PATIENT: dict[str, object] = {
    "firstName": "Kim",
    "lastName": "Alder",
    "email": "kim.alder@patient.example",
    "phoneNumber": "+15125550188",
    "dateOfBirth": "1979-11-02",
}
# Who the demo's payments are from: the cases that come with this e-mail address are theirs.
PAYING_PATIENT: dict[str, object] = {
    "firstName": "Lou",
    "lastName": "Marsh",
    "email": "lou.marsh@patient.example",
    "gender": "FEMALE",
    "phoneNumber": "+13035550142",
    "dateOfBirth": "1990-09-23",
}


async def demo_data(services: Services) -> dict[str, object]:
    """Makes the demo organizations, or brings them back to the file, and returns their ids and secrets."""
    variables = dict(_variables(services))
    await apply_file(services, DEMO_FILE, dry_run=False, variables=variables, overwrite=True, invites=False)
    first, second = read_file(DEMO_FILE, variables)
    summary, other = await _summary(services, first), await _summary(services, second)
    summary |= await _billing(services, first, PATIENT)
    other |= await _billing(services, second, _OTHER_PATIENT)
    await make_demo_case(services, UUID(str(summary["organizationId"])), UUID(str(summary["staffId"])), first)
    made = summary | {"caseId": str(DEMO_CASE_ID), "other": other}
    url = services.settings.gateway_simulator_url
    # Without it the worker would ask the real gateway about keys that it does not know.
    return made if url is None else made | {"paying": await _paying(services, variables, url)}


async def _paying(services: Services, variables: dict[str, str], url: str) -> dict[str, object]:
    """The clinic that takes money, and what it has at the gateway: an account for test money and one for live money."""
    await apply_file(services, PAYING_FILE, dry_run=False, variables=variables, overwrite=True, invites=False)
    (file,) = read_file(PAYING_FILE, variables)
    made = await _summary(services, file) | await _billing(services, file, PAYING_PATIENT)
    gateway = {
        "gatewayUrl": url,
        "gatewayWebhookPath": f"/gateways/stripe/{file.organization.id}",
        "gatewayTestKey": variables["CEDAR_GATEWAY_TEST_KEY"],
        "gatewayTestWebhookSecret": variables["CEDAR_GATEWAY_TEST_WEBHOOK_SECRET"],
        "gatewayLiveKey": variables["CEDAR_GATEWAY_LIVE_KEY"],
        "gatewayLiveWebhookSecret": variables["CEDAR_GATEWAY_LIVE_WEBHOOK_SECRET"],
    }
    return made | gateway


async def _billing(services: Services, file: OrganizationFile, patient: dict[str, object]) -> dict[str, object]:
    """What the billing dialect asks about: a patient at the file's first location, who sells, and what."""
    assert file.organization.id is not None
    actor = system_actor(file.organization.id)
    places = {place.name: place.id for place in await list_public_locations(services, actor)}
    async with services.db.reading(actor.organization_id) as conn:
        ids = {member.email: str(member.id) for member in await list_members(conn, actor.organization_id)}
    location_id, seller = places[file.locations[0].name], _first(file.staff, "CASEWORKER")
    assert seller is not None
    body = msgspec.convert(patient | {"primaryLocationId": location_id}, BillingPatientIn)
    made = await create_patient(services, actor, body, None)
    return {
        "patientId": made.id,
        "creatorId": ids[seller.email],
        "itemId": str(file.products[0].id),
        "packageId": str(file.bundles[0].id),
        "locationId": location_id,
    }


def _variables(services: Services) -> Iterator[tuple[str, str]]:
    for name, prefix in _PREFIXES.items():
        yield name, prefix + _derived_text(services, name)


def _derived_text(services: Services, name: str) -> str:
    return base64.urlsafe_b64encode(services.master_key.derive(f"demo {name}")).decode().rstrip("=")


async def _summary(services: Services, file: OrganizationFile) -> dict[str, object]:
    """What is named here stands in the file, first of its kind; the ids and secrets of staff were derived."""
    key, catalog_key = file.keys[0], file.keys[1]
    client = file.clients[0]
    catalogue = {
        "organizationId": str(file.organization.id),
        "tenant": file.organization.tenant,
        "linkName": file.branding.link_name if file.branding else None,
        "apiKey": key.secret,
        "catalogOnlyKey": catalog_key.secret,
        "clientId": str(client.id),
        "clientSecret": client.secret,
        "productId": str(file.products[0].id),
        "bundleId": str(file.bundles[0].id),
        "pharmacyId": file.pharmacies[0].code,
        "drugId": file.drugs[0].code,
    }
    assert file.organization.id is not None
    people = await equip_people(services, file)
    signs_in = {"signIn": sign_in_paths(services, file.organization.id, people)}
    return catalogue | credentials_of(people) | signs_in


def _first(staff: list[StaffEntry], role: Role) -> StaffEntry | None:
    return next((person for person in staff if person.role == role), None)
