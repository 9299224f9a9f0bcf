"""Every route, asked by one organization with the other one's ids: nothing of the other may be in any answer.

A route that is new in the OpenAPI document fails the walk until it is told here how to ask for another's things.
"""

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest

from carelane.documents.access import Link, sign_link
from carelane.locations.photos.access import path_of
from carelane.services import Services
from tests.contract import Contract
from tests.detail.asking import PATH as DETAIL
from tests.detail.asking import ask, create_case
from tests.factories.cases import case_body
from tests.orders.bodies import order_body
from tests.own_clinic import make_clinic
from tests.portal.cast import Person, enter
from tests.review.people import employ, sign_in
from tests.safety.walk.comparing import differences, ids_in, in_other_words, rows_of, steady
from tests.safety.walk.victim import MARK, PRICE, Ask, Victim
from tests.safety.walk_audit import walk_audit
from tests.safety.walk_billing import bill_marked, walk_billing
from tests.safety.walk_calendar import APPOINTMENTS, walk_calendar
from tests.safety.walk_cases import CASES, walk_care_cases, walk_staff_cases
from tests.safety.walk_catalog import CODES, PRODUCTS, walk_catalog, walk_kept_catalog
from tests.safety.walk_desk import TEMPLATES, VIEWS, walk_desk
from tests.safety.walk_gateways import EVENTS, FINDINGS, walk_gateways
from tests.safety.walk_graphql import seen_by_owner, walk_graphql
from tests.safety.walk_messages import MESSAGES, walk_messages
from tests.safety.walk_orders import INBOX, ORDERS, walk_orders
from tests.safety.walk_payment_links import payment_of, walk_payment_links
from tests.safety.walk_payments import PAYMENTS, walk_charges, walk_payments
from tests.safety.walk_people import MEMBERS
from tests.safety.walk_portal import FILES, ME, walk_portal
from tests.safety.walk_settings import SETTINGS, walk_settings
from tests.safety.walk_staff_billing import walk_staff_billing
from tests.safety.walk_webhooks import ENDPOINTS, LISTENERS, walk_listeners, walk_webhooks

# Counters move with every request.
UNSTEADY = ("/metrics", "/health")


def walk(victim: Victim, other: Any, services: Services) -> Iterator[tuple[str, Ask]]:
    """(route as in the document, request) pairs: the victim's ids, the other's credentials."""
    key = {"headers": other.key}
    stolen = {"id": victim.product_id, "form": {"title": f"{uuid4()}"}}
    for body in (
        case_body(other.product_id, victim.email),
        case_body(other.product_id, victim.email, products=[stolen]),
        case_body(other.product_id, f"{uuid4().hex}@x.example", organizationId=str(victim.organization_id)),
    ):
        yield "POST /api/v1/cases", Ask("POST", "/api/v1/cases", key | {"json": body})
    order = order_body("walk", customFields={"organizationId": str(victim.organization_id)})
    prefer = {"headers": other.key | {"Prefer": "return=representation"}}
    for query in ({}, {"dryRun": "true"}):
        path = f"/api/v1/cases/{victim.case_id}"
        yield "POST /api/v1/cases/{case_id}", Ask("POST", path, prefer | {"json": order, "params": query})
    yield from walk_care_cases(victim, key, other.api_key)
    everything = dict.fromkeys(("includeAttachments", "includeOrders", "includeCalendarEvents"), "true")
    for named in ({"caseId": str(victim.case_id)}, {"email": victim.email}):
        yield f"GET {DETAIL}", Ask("GET", DETAIL, key | {"params": everything | named})
        tenant = {"headers": other.key | {"TENANT": MARK, "x-organization-id": str(victim.organization_id)}}
        yield f"GET {DETAIL}", Ask("GET", DETAIL, tenant | {"params": everything | named})
    bundles = "/api/v1/organization/bundles"
    for visible in ({}, {"isVisible": "true"}, {"isVisible": "false"}):
        yield f"GET {bundles}", Ask("GET", bundles, key | {"params": visible})
    forms = {"includeIntakeForm": "true", "includeFollowupForm": "true"}
    yield f"GET {bundles}/{{bundle_id}}", Ask("GET", f"{bundles}/{victim.bundle_id}", key | {"params": forms})
    yield from walk_catalog(victim.product_id, victim.bundle_id, MARK, key)
    form = {"grant_type": "client_credentials", "client_secret": other.client_secret}
    for client_id in (victim.client_id, str(victim.organization_id)):
        yield "POST /oauth/token", Ask("POST", "/oauth/token", {"data": form | {"client_id": client_id}})
    forged = sign_link(services.link_key, Link(UUID(other.organization_id), victim.document_id))
    for token in (forged, str(victim.document_id)):
        yield "GET /documents/{token}", Ask("GET", f"/documents/{token}", key)
    forged_photo = path_of(services.link_key, UUID(other.organization_id), victim.organization_id)
    yield "GET /location-photos/{token}", Ask("GET", forged_photo, key)
    yield "GET /logos/{digest}", Ask("GET", f"/logos/{'0' * 64}", key)
    for path in ("/health/live", "/health/ready", "/metrics"):
        yield f"GET {path}", Ask("GET", path, key)


@pytest.fixture
async def payments(services, paid, victim, other_clinic) -> list[tuple[str, Any]]:
    admin = await employ(services, other_clinic, "Wanda", role="ADMIN")
    return list(walk_payments(paid, victim.case_id, victim.email, other_clinic.key, admin.headers))


@pytest.fixture(scope="package")
async def billing(client, services, billed, contract, tmp_path_factory) -> list[tuple[str, Any]]:
    """Asked by a clinic that has records of its own of every kind; by its key, then by its people."""
    walker = await make_clinic(services, tmp_path_factory.mktemp("walker"))
    here = (UUID(walker.organization_id), walker.billing)
    asked = list(walk_billing(billed, await bill_marked(client, services, *here, "walker"), MARK))
    admin = await employ(services, walker, "Wanda", role="ADMIN")
    return [*asked, *walk_staff_billing(asked, billed, MARK, admin.headers, _routes_of(contract))]


@pytest.fixture
async def owed(services, billed, other_clinic) -> list[tuple[str, Any]]:
    admin = await employ(services, other_clinic, "Wanda", role="ADMIN")
    return list(walk_charges(billed.charge, admin.headers))


@pytest.fixture
async def webhooks(services, told, older, other_clinic) -> list[tuple[str, Any]]:
    admin = await employ(services, other_clinic, "Wanda", role="ADMIN")
    of_staff = walk_webhooks(told, older.endpoint_id, other_clinic.key, admin.headers)
    return [*of_staff, *walk_listeners(told, other_clinic.billing)]


@pytest.fixture
async def messages(services, message_id, victim, other_clinic) -> list[tuple[str, Any]]:
    admin = await employ(services, other_clinic, "Wanda", role="ADMIN")
    payment_id = await payment_of(services, victim.organization_id, victim.case_id)
    return [
        *walk_messages(message_id, victim.case_id, admin.headers),
        *walk_payment_links(payment_id, admin.headers),
    ]


@pytest.fixture
async def desk(services, victim, kept, kept_catalog, merged, ordered, other_clinic) -> list[tuple[str, Any]]:
    admin = await employ(services, other_clinic, "Wanda", role="ADMIN")
    of_catalog = walk_kept_catalog(victim, kept_catalog, MARK, admin.headers)
    of_theirs = victim.organization_id, victim.client_id, victim.staff_id, ordered.pharmacy_id
    of_settings = walk_settings(*of_theirs, MARK, admin.headers)
    of_audit = walk_audit(merged.kept, victim.staff_id, MARK, admin.headers)
    return [*walk_desk(victim, kept, merged.kept, MARK, admin.headers), *of_catalog, *of_settings, *of_audit]


@pytest.fixture
def asks(
    victim,
    other_clinic,
    services,
    clinician,
    ordered,
    people,
    desk,
    webhooks,
    messages,
    billing,
    appointed,
    patient,
    newer,
    payments,
    account_id,
    owed,
) -> list[tuple[str, Ask]]:
    of_orders = walk_orders(ordered, victim.case_id, clinician)
    of_care = [*walk(victim, other_clinic, services), *walk_staff_cases(victim, clinician), *of_orders]
    of_gateways = walk_gateways(victim.organization_id, account_id, clinician)
    of_calendar = walk_calendar(appointed, other_clinic.key, clinician)
    of_graphql = walk_graphql(MARK, victim.organization_id, victim.case_id, clinician, other_clinic.key)
    of_portal = walk_portal(victim.email, victim.case_id, victim.document_id, other_clinic.key, patient)
    return [
        *of_care,
        *of_gateways,
        *owed,
        *of_calendar,
        *people,
        *desk,
        *webhooks,
        *messages,
        *payments,
        *billing,
        *of_graphql,
        *of_portal,
    ]


def _routes_of(contract: Contract) -> set[str]:
    paths = contract.document["paths"].items()
    return {f"{method.upper()} {path}" for path, operations in paths for method in operations}


async def test_the_walk_knows_every_route(asks, contract):
    assert {route for route, _ in asks} == _routes_of(contract)


async def test_another_organizations_id_is_as_good_as_none(
    client, asks, victim, ordered, told, message_id, billed, paid, kept, kept_catalog, merged
):
    """Also as the place to go on from in a list: no answer depends on whether there is such a record elsewhere.

    Before the tests below, which make records of the asker's own by these names.
    """
    known = ids_in(victim, ordered, told, message_id, billed, paid, kept, kept_catalog, merged)
    # Of the same moment: a place to go on from may be told by an id's time, of whatever record it is.
    invented = {one: one[:15] + str(uuid4())[15:] for one in known}
    invented |= {MARK: f"zephyr{uuid4().hex}"}
    named = [one for one in asks if one[1][0] == "GET" or any(id_ in one[1][1] for id_ in invented)]
    assert len(named) > 100
    for route, (method, url, options) in named:
        answer = await client.request(method, url, **options)
        instead = await client.request(method, in_other_words(url, invented), **in_other_words(options, invented))
        assert answer.status_code == instead.status_code, route
        if method == "GET" and not url.startswith(UNSTEADY):
            assert in_other_words(steady(answer), invented) == steady(instead), route


async def test_no_answer_holds_anything_of_another_organization(client, asks):
    for route, (method, url, options) in asks:
        answer = await client.request(method, url, **options)
        # The caller's own words may be told back; the address was sent by the caller.
        told = (answer.text + str(answer.headers)).replace(f"{MARK}@patient.example", "")
        assert MARK not in told, route
        assert PRICE not in told, route


async def test_the_walk_would_notice(
    client, services, victim, ordered, told, message_id, appointed, paid, account_id, kept
):
    """The same questions, asked by the owner, are answered with the marks."""
    detail = await ask(client, victim, caseId=str(victim.case_id), includeAttachments="true")
    assert detail.text.count(MARK) > 4
    bundles = await client.get("/api/v1/organization/bundles", headers=victim.key)
    assert MARK in bundles.text
    assert MARK in (await client.get(PRODUCTS, headers=victim.key)).text
    assert PRICE in (await client.get(CODES, params={"code": MARK}, headers=victim.key)).text
    for query in ({"user_email": victim.email}, {"start_date": "2199-01-01", "end_date": "2199-01-01"}):
        listed = await client.get(APPOINTMENTS, params=query, headers=victim.key)
        assert str(appointed.id) in listed.text
        assert MARK in listed.text
    own = await sign_in(services, victim, victim.staff_id, MARK)
    orders = (ORDERS, f"{ORDERS}/{ordered.order_id}", f"{ORDERS}/{ordered.order_id}/why", INBOX)
    payments = (PAYMENTS, f"{PAYMENTS}/{paid.payment_id}", f"{PAYMENTS}/{paid.payment_id}/why", EVENTS, FINDINGS)
    for path in (*payments, CASES, f"{CASES}/{victim.case_id}", VIEWS, TEMPLATES, *orders):
        assert MARK in (await client.get(path, headers=own.headers)).text
    assert MARK in await seen_by_owner(client, own.headers, victim.case_id)
    shown = (await ask(client, victim, caseId=str(victim.case_id))).json()["caseDetail"]["submitter"]
    person = Person(id=UUID(shown["id"]), email=victim.email, phone_number="")
    inside = await enter(client, services, victim, person)
    for path in (ME, FILES):
        assert MARK in (await client.get(path, headers=inside)).text
    admin = await employ(services, victim, "Wanda", role="ADMIN")
    for path in (MEMBERS, ENDPOINTS, MESSAGES, f"{SETTINGS}/organization-file", f"{SETTINGS}/credentials"):
        assert MARK in (await client.get(path, headers=admin.headers)).text
    assert MARK in (await client.get("/api/v1/events", headers=victim.key)).text
    for path in (f"{LISTENERS}/get/{told.listener_id}", f"{LISTENERS}/events/{told.attempt_id}"):
        assert MARK in (await client.get(path, headers=victim.billing)).text


async def test_nothing_of_another_organization_is_changed(client, owner_url, victim, asks):
    """Not one of its rows, in whatever table, is another one after the other's attempts."""
    before = rows_of(owner_url, victim.organization_id)
    assert len(before) > 30
    for route, (method, url, options) in asks:
        answer = await client.request(method, url, **options)
        # 501: there is nothing that could be done, with whatever ids.
        assert answer.status_code < 500 or answer.status_code == 501, route
    assert differences(before, rows_of(owner_url, victim.organization_id)) == set()


async def test_a_signed_link_opens_documents_of_its_own_organization_alone(client, services, victim, other_clinic):
    """Were our own key used to sign another's document in, it would not be there."""
    here = UUID(other_clinic.organization_id)
    stolen, invented = [
        await client.get(f"/documents/{sign_link(services.link_key, Link(here, one))}")
        for one in (victim.document_id, uuid4())
    ]
    assert (stolen.status_code, steady(stolen)) == (404, steady(invented))


async def test_an_external_id_of_another_organization_does_not_exist(client, billed, clinic):
    path = f"/user/patient/external-id-exists/{MARK}"
    assert (await client.get(path, headers=billed.headers)).json() is True
    assert (await client.get(path, headers=clinic.billing)).json() is False


async def test_the_same_name_is_another_record_elsewhere(client, billed, other_clinic):
    """Two organizations may call their records alike; each finds its own."""
    for headers, name in ((billed.headers, MARK), (other_clinic.billing, "Walker")):
        made = await client.post("/user/patient/create", json={"id": "pat_same", "firstName": name}, headers=headers)
        assert made.status_code == 200
    theirs = (await client.get("/user/patient/pat_same", headers=other_clinic.billing)).json()
    ours = (await client.get("/user/patient/pat_same", headers=billed.headers)).json()
    assert (theirs["firstName"], ours["firstName"]) == ("Walker", MARK)


async def test_the_same_address_is_another_patient_elsewhere(client, services, victim, other_clinic):
    body = case_body(other_clinic.product_id, victim.email, forceCreate=True)
    case_id = await create_case(client, other_clinic, body)
    theirs = (await ask(client, other_clinic, caseId=str(case_id))).json()["caseDetail"]["submitter"]
    ours = (await ask(client, victim, caseId=str(victim.case_id))).json()["caseDetail"]["submitter"]
    assert (theirs["lastName"], ours["lastName"]) == ("Marker", MARK)
    assert theirs["id"] != ours["id"]


async def test_another_organizations_product_is_unknown(client, victim, other_clinic):
    answer = await client.post("/api/v1/cases", json=case_body(victim.product_id), headers=other_clinic.key)
    assert answer.status_code == 422
    assert msgspec.json.decode(answer.content)["errors"][0]["field"] == "products[0].id"
