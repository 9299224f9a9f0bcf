"""Whoever has the same e-mail address is the same patient, whichever dialect speaks of it."""

from uuid import UUID

import pytest

from tests.cases.bodies import case_body, with_user
from tests.patients.conftest import new_email
from tests.review.people import employ


@pytest.fixture
def order(client, here):
    """A case for a patient with this e-mail address: the case's id, and the patient as the care dialect shows it."""

    async def send(email, **user):
        body = with_user(case_body(here.product_id, forceCreate=True), email=email, **user)
        made = await client.post("/api/v1/cases", json=body, headers=here.key)
        assert made.status_code == 200, made.text
        case_id = made.json()["data"]["caseId"]
        detail = await client.get("/api/v1/customer-case-detail", params={"caseId": case_id}, headers=here.key)
        assert detail.status_code == 200, detail.text
        return case_id, detail.json()["caseDetail"]["submitter"]

    return send


async def test_a_patient_of_the_care_dialect_is_brought_up_to_date_by_billing(create, good, order):
    email = new_email()
    _, submitter = await order(email, gender="FEMALE")
    made = await create(email=email.upper(), city="Albany", gender="Woman", creditBalance=5)
    assert made["id"] == submitter["id"]
    assert (made["firstName"], made["lastName"], made["dateOfBirth"]) == ("Grace", "Hopper", "1990-05-15")
    assert (made["city"], made["gender"], made["creditBalance"]) == ("Albany", "Woman", 5)
    again = await create(email=email)
    assert again == made | {"email": email}
    assert (await good("GET", f"/{submitter['id']}"))["email"] == email


async def test_a_patient_of_billing_is_the_one_whose_case_comes(create, good, order):
    """Without a name until then: the care dialect never sees a patient without one."""
    email = new_email()
    made = await create(id="crm-7", email=email, gender="female", meta={"kept": True})
    case_id, submitter = await order(email)
    assert UUID(case_id)
    assert (submitter["firstName"], submitter["email"], submitter["gender"]) == ("Grace", email, "FEMALE")
    shown = await good("GET", "/crm-7")
    assert (shown["id"], shown["firstName"], shown["gender"], shown["meta"]) == (
        made["id"],
        "Grace",
        "female",
        {"kept": True},
    )


async def test_the_last_word_for_the_gender_counts(create, good, order):
    email = new_email()
    made = await create(email=email, gender="Nonbinary")
    await order(email, gender="OTHER")
    assert (await good("GET", f"/{made['id']}"))["gender"] == "Nonbinary"
    await order(email, gender="MALE")
    assert (await good("GET", f"/{made['id']}"))["gender"] == "MALE"


async def test_billing_cannot_take_from_a_patient_what_the_care_dialect_needs(ask, order):
    email = new_email()
    _, submitter = await order(email)
    blank = {"firstName": "", "lastName": " ", "email": ""}
    assert (await ask("PUT", f"/{submitter['id']}", blank)).status_code == 422
    nothing = await ask("PUT", f"/{submitter['id']}", dict.fromkeys(blank))
    assert (nothing.json()["firstName"], nothing.json()["email"]) == ("Grace", email)


async def test_staff_see_the_case_of_a_patient_of_billing(client, here, create, good, order, services):
    email = new_email()
    made = await create(email=email, phoneNumber="1234567")
    await order(email)
    await good("PUT", f"/{made['id']}", {"phoneNumber": "(212) 555-0123", "city": "", "state": ""})
    ada = await employ(services, here, "Ada")
    queue = await client.get("/api/staff/cases", headers=ada.headers)
    assert queue.status_code == 200, queue.text
    assert [case["patient"]["firstName"] for case in queue.json()["cases"]] == ["Grace"]


async def test_an_archived_patient_who_comes_again_is_a_patient_again(create, good, order):
    email = new_email()
    made = await create(email=email, firstName="Grace")
    await good("POST", "/archive", {"patientIds": [made["id"]]})
    assert (await create(email=email))["isArchived"] is False
    await good("POST", "/archive", {"patientIds": [made["id"]]})
    await order(email)
    assert (await good("GET", f"/{made['id']}"))["isArchived"] is False


async def test_an_id_that_is_anothers_is_refused_and_says_how_the_patient_is_known(ask, create):
    email, other = new_email(), new_email()
    await create(id="crm-1", email=email)
    await create(id="crm-2", email=other)
    expected = "the e-mail address is that of the patient crm-1; expected that id or none"
    for name in ("crm-2", "crm-3"):
        answer = await ask("POST", "/create", {"id": name, "email": email})
        assert (answer.status_code, answer.json()) == (409, {"detail": expected})
    assert (await create(id="crm-1", email=email.upper(), firstName="Ada"))["firstName"] == "Ada"


async def test_an_id_that_is_taken_is_refused(ask, create):
    await create(id="crm-1", email=new_email())
    await create(id="crm-2", firstName="Ada")
    expected = "the id {} is that of a patient with another e-mail address; expected a new one"
    for name in ("crm-1", "crm-2"):
        answer = await ask("POST", "/create", {"id": name, "email": new_email()})
        assert (answer.status_code, answer.json()) == (409, {"detail": expected.format(name)})
        without = await ask("POST", "/create", {"id": name, "firstName": "Ada"})
        assert (without.status_code, without.json()) == (409, {"detail": f"the id {name} is taken; expected a new one"})


async def test_two_clinics_may_know_the_same_patient_by_the_same_id(client, elsewhere, create):
    email = new_email()
    made = await create(id="crm-1", email=email, firstName="Ada")
    theirs = await client.post("/user/patient/create", json={"id": "crm-1", "email": email}, headers=elsewhere.billing)
    assert (theirs.status_code, theirs.json()["id"], theirs.json()["firstName"]) == (200, made["id"], None)
