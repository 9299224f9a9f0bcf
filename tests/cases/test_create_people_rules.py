"""What can be known to be wrong about a person: a doubt in `compat`, refused in `strict`."""

import pytest

from tests.cases.bodies import case_body, with_user
from tests.own_clinic import make_clinic

GOOD = {"addressLine1": "1 Main Street", "city": "Somewhere", "state": "NY", "postalCode": "10001", "country": "US"}


@pytest.fixture
async def strict(services, tmp_path):
    return await make_clinic(services, tmp_path, validationProfile="strict")


@pytest.fixture
def judged(client, created, detail, clinic, strict):
    """The doubts that `compat` keeps, and the fields that `strict` refuses."""

    async def ask(**user):
        kept = (await detail(await created(with_user(case_body(clinic.product_id), **user))))["warnings"]
        answer = await client.post(
            "/api/v1/cases", json=with_user(case_body(strict.product_id), **user), headers=strict.key
        )
        refused = [one["field"] for one in answer.json().get("errors", [])]
        assert answer.status_code == (422 if refused else 200), answer.text
        return sorted(one.partition(":")[0] for one in kept), sorted(refused)

    return ask


@pytest.mark.parametrize(
    ("field", "value"),
    [("dob", "0001-01-01"), ("dob", "1850-06-01"), ("firstName", "\u200b"), ("lastName", "\u2060\u3164"),
     ("firstName", "\u0301"), ("phoneNumber", "+10000000000"), ("phoneNumber", "+11111111111"),
     ("phoneNumber", "+12120550123"), ("phoneNumber", "+440000000000")],
)  # fmt: skip
async def test_a_doubt_in_one_and_refused_in_the_other(judged, field, value):
    assert await judged(**{field: value}) == ([f"user.{field}"], [f"user.{field}"])


@pytest.mark.parametrize("user", [{"dob": "1920-01-01"}, {"firstName": "李"}, {"lastName": "นาม"}, {"firstName": "O"},
                                  {"phoneNumber": "+442079460958"}, {"email": "jürgen@münchen.de"}])  # fmt: skip
async def test_people_are_many(judged, user):
    assert await judged(**user) == ([], [])


@pytest.mark.parametrize(
    ("state", "postal_code"),
    [
        ("FM", "96941"),
        ("MH", "96960"),
        ("PW", "96940"),
        ("GU", "96910"),
        ("MP", "96950"),
        ("AP", "96349"),
        ("ny", "10001"),
    ],
)
async def test_every_state_of_the_usps_is_one(judged, state, postal_code):
    assert await judged(shippingAddress=GOOD | {"state": state, "postalCode": postal_code}) == ([], [])


@pytest.mark.parametrize(
    "country",
    ["USA", "usa", "U.S.A.", "U.S.", "United States", "united states of america", " US ", "840", "PR", "", None],
)
async def test_the_address_is_looked_at_however_the_country_is_written(judged, country):
    place = ["user.shippingAddress.postalCode"]
    assert await judged(shippingAddress=GOOD | {"country": country, "postalCode": "28105"}) == (place, place)
    state = ["user.shippingAddress.state"]
    assert await judged(shippingAddress=GOOD | {"country": country, "state": "ZZ"}) == (state, state)


@pytest.mark.parametrize("country", ["CA", "Canada", "DE"])
async def test_another_country_has_other_states(judged, country):
    assert await judged(shippingAddress=GOOD | {"country": country, "state": "ON", "postalCode": "K1A 0B1"}) == ([], [])
