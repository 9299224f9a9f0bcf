"""Who may create a case."""

import pytest

from carelane.kit.auth import new_secret
from tests.cases.bodies import case_body

UNAUTHORIZED = {"success": False, "message": "Unauthorized"}


async def token_of(client, clinic, **more):
    form = {"grant_type": "client_credentials", "client_id": clinic.client_id, "client_secret": clinic.client_secret}
    response = await client.post("/oauth/token", data=form | more)
    assert response.status_code == 200, response.text
    return response.json()["access_token"]


async def test_no_credential_is_401(create, clinic):
    response = await create(case_body(clinic.product_id), headers={})
    assert response.status_code == 401
    assert response.json().items() >= UNAUTHORIZED.items()


@pytest.mark.parametrize(
    "headers",
    [
        {"cv-api-key": "cvk_unknown"},
        {"cv-api-key": "x" * 5_000},
        {"authorization": "Bearer not.a.token"},
        {"authorization": "Bearer"},
        {"authorization": "Bearer " + "x" * 5_000},
        {"authorization": "Basic dXNlcjpwYXNz"},
    ],
)
async def test_a_wrong_credential_is_401(create, clinic, headers):
    response = await create(case_body(clinic.product_id), headers=headers)
    assert response.status_code == 401
    assert response.json().items() >= UNAUTHORIZED.items()


async def test_a_new_secret_that_nobody_was_given_is_401(create, clinic):
    response = await create(case_body(clinic.product_id), headers={"cv-api-key": new_secret("cvk")})
    assert response.status_code == 401


async def test_a_client_secret_is_no_key(create, clinic):
    response = await create(case_body(clinic.product_id), headers={"cv-api-key": clinic.client_secret})
    assert response.status_code == 401


async def test_the_bearer_token_opens_the_door(create, client, clinic):
    token = await token_of(client, clinic)
    response = await create(case_body(clinic.product_id), headers={"authorization": f"Bearer {token}"})
    assert response.status_code == 200


async def test_a_token_without_the_scope_is_403(create, client, clinic):
    token = await token_of(client, clinic, scope="catalog:read")
    response = await create(case_body(clinic.product_id), headers={"authorization": f"Bearer {token}"})
    assert response.status_code == 403
    assert response.json()["success"] is False


async def test_a_key_without_the_scope_is_403(create, clinic):
    response = await create(case_body(clinic.product_id), headers=clinic.catalog_only)
    assert response.status_code == 403
    assert response.json()["message"] == "Permission denied"


async def test_of_both_credentials_the_bearer_token_decides(create, client, clinic, other_clinic):
    token = await token_of(client, clinic)
    body = case_body(clinic.product_id)

    good_token = await create(body, headers={"authorization": f"Bearer {token}", **other_clinic.key})
    bad_token = await create(body, headers={"authorization": "Bearer no", **clinic.key})

    assert good_token.status_code == 200
    assert bad_token.status_code == 401


async def test_another_clinics_product_is_422_and_named(create, clinic, other_clinic):
    response = await create(case_body(other_clinic.product_id))
    assert response.status_code == 422
    (problem,) = response.json()["errors"]
    assert problem["field"] == "products[0].id"
    assert other_clinic.product_id in problem["message"]


async def test_another_clinic_cannot_read_the_case(created, client, clinic, other_clinic):
    case_id = await created(case_body(clinic.product_id))
    response = await client.get("/api/v1/customer-case-detail", params={"caseId": case_id}, headers=other_clinic.key)
    assert response.status_code == 404


async def test_the_same_email_in_two_clinics_is_two_patients(created, clinic, other_clinic, rows):
    body = case_body(clinic.product_id)
    await created(body)
    await created({**body, "products": [{"id": other_clinic.product_id}]}, headers=other_clinic.key)

    found = await rows("SELECT organization_id::text FROM patients WHERE email = %s", body["user"]["email"])
    assert sorted(row[0] for row in found) == sorted([clinic.organization_id, other_clinic.organization_id])
