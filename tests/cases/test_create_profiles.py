"""What `compat` keeps with a warning, `strict` refuses."""

import pytest

from tests.cases.bodies import case_body, question, with_questions, with_user
from tests.cases.problems import fields
from tests.own_clinic import make_clinic

NORTH_CAROLINA_ZIP_IN_NEW_YORK = {"state": "NY", "country": "US", "postalCode": "28105"}

DOUBTFUL = [
    ({"phoneNumber": "+1987654321"}, "user.phoneNumber"),
    ({"shippingAddress": NORTH_CAROLINA_ZIP_IN_NEW_YORK}, "user.shippingAddress.postalCode"),
    ({"shippingAddress": {"state": "NY", "postalCode": "1000"}}, "user.shippingAddress.postalCode"),
    ({"shippingAddress": {"state": "New York"}}, "user.shippingAddress.state"),
]


@pytest.fixture(scope="module")
async def strict_clinic(services, tmp_path_factory):
    return await make_clinic(services, tmp_path_factory.mktemp("strict"), validationProfile="strict")


@pytest.mark.parametrize(("user", "field"), DOUBTFUL)
async def test_compat_keeps_a_warning_on_the_case(created, detail, clinic, user, field):
    case_id = await created(with_user(case_body(clinic.product_id), **user))
    (warning,) = (await detail(case_id))["warnings"]
    assert warning.startswith(f"{field}: ")


@pytest.mark.parametrize(("user", "field"), DOUBTFUL)
async def test_strict_refuses_it(create, strict_clinic, user, field):
    response = await create(with_user(case_body(strict_clinic.product_id), **user), headers=strict_clinic.key)
    assert response.status_code == 422
    assert fields(response) == [field]


async def test_strict_lists_all_doubts_beside_an_unknown_product(create, strict_clinic, clinic):
    body = with_user(
        case_body(clinic.product_id), phoneNumber="+1987654321", shippingAddress=NORTH_CAROLINA_ZIP_IN_NEW_YORK
    )
    response = await create(body, headers=strict_clinic.key)
    assert fields(response) == ["products[0].id", "user.phoneNumber", "user.shippingAddress.postalCode"]


async def test_an_answer_that_is_no_option_is_doubtful(create, created, detail, clinic, strict_clinic):
    asked = question("Which?", "Blue", "SINGLESELECT", options=["Red", "Green"])
    case_id = await created(with_questions(case_body(clinic.product_id), asked))
    assert len((await detail(case_id))["warnings"]) == 1

    refused = await create(with_questions(case_body(strict_clinic.product_id), asked), headers=strict_clinic.key)
    assert fields(refused) == ["products[0].form.questions[0].answer"]


async def test_what_lies_outside_the_united_states_has_no_zip(create, strict_clinic):
    address = {"state": "Bavaria", "country": "DE", "postalCode": "80331"}
    body = with_user(case_body(strict_clinic.product_id), shippingAddress=address)
    assert (await create(body, headers=strict_clinic.key)).status_code == 200


async def test_a_case_without_doubts_has_no_warnings(created, detail, clinic):
    address = {"state": "NY", "country": "US", "postalCode": "10001"}
    case_id = await created(with_user(case_body(clinic.product_id), shippingAddress=address))
    assert (await detail(case_id))["warnings"] == []
