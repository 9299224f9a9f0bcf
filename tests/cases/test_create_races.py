"""Many callers at the same moment: 64 requests on 64 connections, sent together."""

import asyncio
from collections import Counter
from uuid import uuid4

import httpx
import pytest

from tests.cases.bodies import case_body, new_email, question, with_user
from tests.own_clinic import make_clinic

CALLERS = 64


@pytest.fixture
async def all_at_once(server):
    """The statuses of the answers to all bodies, sent together, and the answers."""
    limits = httpx.Limits(max_connections=CALLERS)
    async with httpx.AsyncClient(base_url=server.url, timeout=60, limits=limits) as crowd:

        async def send(bodies, key):
            answers = await asyncio.gather(*(crowd.post("/api/v1/cases", json=body, headers=key) for body in bodies))
            return Counter(answer.status_code for answer in answers)

        yield send


@pytest.mark.parametrize("time", [1, 2, 3])
async def test_one_patient_64_callers_one_case(all_at_once, clinic, rows, time):
    body = case_body(clinic.product_id)

    assert await all_at_once([body] * CALLERS, clinic.key) == {200: 1, 409: CALLERS - 1}

    cases = "SELECT c.id FROM cases c JOIN patients p ON p.id = c.patient_id WHERE p.email = %s"
    assert len(await rows(cases, body["user"]["email"])) == 1


async def test_one_known_patient_64_callers_one_case(all_at_once, created, clinic):
    """As above, but the patient's row exists before the race."""
    body = case_body(clinic.product_id)
    known = {name: body["user"][name] for name in ("firstName", "lastName", "email")}
    await created({"status": "ABANDONED", "user": known, "products": body["products"]})
    assert await all_at_once([body] * CALLERS, clinic.key) == {200: 1, 409: CALLERS - 1}


async def test_64_first_time_callers_share_one_email_and_become_one_patient(all_at_once, clinic, rows):
    email = new_email()
    body = case_body(clinic.product_id, forceCreate=True)
    spellings = [with_user(body, email=email.upper() if number % 2 else email) for number in range(CALLERS)]

    assert await all_at_once(spellings, clinic.key) == {200: CALLERS}

    patients = await rows("SELECT id FROM patients WHERE lower(email) = %s", email)
    assert len(patients) == 1
    assert len(await rows("SELECT id FROM cases WHERE patient_id = %s", patients[0][0])) == CALLERS


async def test_64_callers_with_one_new_form_make_one_version(all_at_once, clinic, rows):
    title = f"Race {uuid4().hex}"
    form = {"title": title, "questions": [question(), question("And you?")]}
    bodies = [case_body(clinic.product_id, products=[{"id": clinic.product_id, "form": form}]) for _ in range(CALLERS)]

    assert await all_at_once(bodies, clinic.key) == {200: CALLERS}

    versions = "SELECT v.id FROM forms f JOIN form_versions v ON v.form_id = f.id WHERE f.name = %s"
    assert len(await rows("SELECT id FROM forms WHERE name = %s", title)) == 1
    assert len(await rows(versions, title)) == 1


async def test_64_changes_of_one_form_are_numbered_one_by_one(all_at_once, clinic, rows):
    title = f"Race {uuid4().hex}"
    bodies = [
        case_body(
            clinic.product_id,
            products=[
                {"id": clinic.product_id, "form": {"title": title, "questions": [question(f"Number {number}?")]}}
            ],
        )
        for number in range(CALLERS)
    ]

    assert await all_at_once(bodies, clinic.key) == {200: CALLERS}

    numbers = (
        "SELECT v.number FROM forms f JOIN form_versions v ON v.form_id = f.id WHERE f.name = %s ORDER BY v.number"
    )
    assert [row[0] for row in await rows(numbers, title)] == list(range(1, CALLERS + 1))


@pytest.fixture
async def two_products(services, tmp_path):
    products = [{"id": str(uuid4()), "name": name, "price": "1"} for name in ("One", "Two")]
    clinic = await make_clinic(services, tmp_path, parts={"products": products, "bundles": []})
    return clinic, [product["id"] for product in products]


@pytest.mark.parametrize("time", [1, 2, 3])
async def test_new_forms_in_opposite_order_never_wait_for_each_other(all_at_once, two_products, time):
    """A deadlock would be answered with 503."""
    clinic, product_ids = two_products
    title = f"Race {uuid4().hex}"
    with_forms = [{"id": one, "form": {"title": title, "questions": [question()]}} for one in product_ids]
    bodies = [
        case_body(clinic.product_id, products=with_forms[:: -1 if number % 2 else 1]) for number in range(CALLERS)
    ]
    assert await all_at_once(bodies, clinic.key) == {200: CALLERS}


async def test_short_ids_never_repeat(all_at_once, clinic, rows):
    bodies = [case_body(clinic.product_id) for _ in range(CALLERS)]
    assert await all_at_once(bodies, clinic.key) == {200: CALLERS}
    (counts,) = await rows(
        "SELECT count(*), count(DISTINCT short_id) FROM cases WHERE organization_id = %s", clinic.organization_id
    )
    assert counts[0] == counts[1]
