"""Who may read a case, and what is answered to everybody else."""

from uuid import uuid4

import pytest

from carelane.kit.ids import uuid7
from tests.detail.asking import NOT_FOUND, PATH, ask, create_case

FORBIDDEN = {"status": 403, "success": False, "error": "Permission denied!"}


def printed(answer):
    """The answer without what is different each time."""
    return {name: value for name, value in answer.json().items() if name != "requestId"}


async def test_no_credential_is_400(client, case_id):
    answer = await client.get(PATH, params={"caseId": str(case_id)})
    assert (answer.status_code, printed(answer)) == (
        400,
        {"status": 400, "success": False, "error": "cv-api-key is required"},
    )


async def test_a_wrong_key_is_403(client, case_id):
    answer = await client.get(PATH, params={"caseId": str(case_id)}, headers={"cv-api-key": "cvk_wrong"})
    assert (answer.status_code, printed(answer)) == (403, FORBIDDEN)


async def test_an_overlong_key_is_403(client, case_id):
    answer = await client.get(PATH, params={"caseId": str(case_id)}, headers={"cv-api-key": "k" * 5000})
    assert (answer.status_code, printed(answer)) == (403, FORBIDDEN)


async def test_a_key_without_the_scope_is_403(client, juniper, case_id):
    answer = await client.get(PATH, params={"caseId": str(case_id)}, headers=juniper.catalog_only)
    assert (answer.status_code, printed(answer)) == (403, FORBIDDEN)


async def test_a_key_without_the_scope_learns_nothing_from_an_unknown_case(client, juniper):
    answer = await client.get(PATH, params={"caseId": str(uuid7())}, headers=juniper.catalog_only)
    assert (answer.status_code, printed(answer)) == (403, FORBIDDEN)


async def test_a_bearer_token_is_not_enough(client, juniper, case_id):
    form = {"grant_type": "client_credentials", "client_id": juniper.client_id, "client_secret": juniper.client_secret}
    token = (await client.post("/oauth/token", data=form)).json()["access_token"]
    headers = {"authorization": f"Bearer {token}"}
    answer = await client.get(PATH, params={"caseId": str(case_id)}, headers=headers)
    assert answer.status_code == 400


async def test_another_clinics_case_is_as_unknown_as_one_that_never_was(client, harbor, case_id):
    foreign = await ask(client, harbor, caseId=str(case_id))
    unknown = await ask(client, harbor, caseId=str(uuid7()))
    assert foreign.status_code == unknown.status_code == 404
    assert printed(foreign) == printed(unknown) == {"status": 404, "success": False, "error": NOT_FOUND}


async def test_another_clinics_patient_is_unknown(client, juniper, harbor):
    email = f"{uuid4().hex}@patient.example"
    await create_case(client, juniper, email=email)
    assert (await ask(client, juniper, email=email)).status_code == 200
    assert (await ask(client, harbor, email=email)).status_code == 404


@pytest.mark.parametrize("malformed", ["123", "not-a-uuid", "' OR 1=1 --", "0" * 10_000, "\0", "é"])
async def test_what_cannot_be_an_id_names_no_case(client, juniper, malformed):
    answer = await ask(client, juniper, caseId=malformed)
    assert (answer.status_code, printed(answer)["error"]) == (404, NOT_FOUND)


@pytest.mark.parametrize("malformed", ["nobody", "a@b@c", "%", "x\0@patient.example"])
async def test_what_cannot_be_an_address_names_no_case(client, juniper, malformed):
    answer = await ask(client, juniper, email=malformed)
    assert (answer.status_code, printed(answer)["error"]) == (404, NOT_FOUND)


@pytest.mark.parametrize("query", [{}, {"caseId": ""}, {"email": ""}, {"caseId": "", "email": ""}])
async def test_neither_case_nor_email_is_400(client, juniper, query):
    answer = await ask(client, juniper, **query)
    assert answer.status_code == 400
    assert printed(answer) == {
        "status": 400,
        "success": False,
        "error": "caseId or email parameters must be provided!",
    }


async def test_an_unknown_patient_is_404(client, juniper):
    assert (await ask(client, juniper, email=f"{uuid4().hex}@patient.example")).status_code == 404
