"""What storefronts send in their own manner, and what they show of our answers."""

import pytest

from tests.cases.bodies import case_body, new_email, with_user
from tests.cases.problems import fields

ABANDONED = {"status": "abandoned"}


@pytest.mark.parametrize(
    ("headers", "change", "status"),
    [
        (None, {"products": []}, 400),
        (None, {"products": [{"id": "0" * 8 + "-0000-4000-8000-" + "0" * 12}]}, 422),
        ({}, {}, 401),
    ],
)
async def test_an_error_says_what_is_wrong_beside_what_it_is_called(create, clinic, headers, change, status):
    answer = await create(case_body(clinic.product_id) | change, headers)
    body = answer.json()
    assert (answer.status_code, body["success"]) == (status, False)
    assert list(body)[:3] == ["success", "message", "error"]
    assert body["error"]
    assert all(f"{problem['field']}: {problem['message']}" in body["error"] for problem in body.get("errors", []))


async def test_a_conflict_says_what_to_do(create, created, clinic):
    body = case_body(clinic.product_id)
    await created(body)
    answer = await create(body)
    assert (answer.status_code, answer.json()["message"]) == (409, "Case conflict")
    assert "forceCreate" in answer.json()["error"]


@pytest.mark.parametrize(
    "codes",
    [{"Promo": "LOSE10"}, {}, [{"Promo": "Lose10"}], ["LOSE10", "SUMMER"], [], {"Promo": None}, {"A": "1", "B": "2"}],
)
@pytest.mark.parametrize("more", [{}, ABANDONED])
async def test_codes_are_kept_and_shown_as_they_were_sent(created, detail, clinic, codes, more):
    case_id = await created(case_body(clinic.product_id, promoCodes=codes, referralCode="FRIEND-1", **more))
    shown = await detail(case_id)
    assert (shown["promoCodes"], shown["referralCode"]) == (codes, "FRIEND-1")


@pytest.mark.parametrize("given", [{}, {"promoCodes": None, "referralCode": None}, {"referralCode": " "}])
async def test_without_codes_none_are_shown(created, detail, clinic, given):
    shown = await detail(await created(case_body(clinic.product_id, **given)))
    assert (shown["promoCodes"], shown["referralCode"]) == (None, None)


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("promoCodes", "LOSE10"), ("promoCodes", {"Promo": 10}), ("promoCodes", [["A"]]), ("promoCodes", ["x" * 101]),
        ("promoCodes", ["A"] * 21), ("promoCodes", {str(number): "A" for number in range(21)}),
        ("referralCode", 5), ("referralCode", "x" * 201),
    ],
)  # fmt: skip
async def test_what_is_no_code_is_refused(create, clinic, member, value):
    answer = await create(case_body(clinic.product_id) | {member: value})
    assert answer.status_code == 400
    assert fields(answer)[0].startswith(member)


@pytest.mark.parametrize(
    ("sent", "shown"),
    [("MALE", "MALE"), ("male", "MALE"), ("Female", "FEMALE"), ("oTHER", "OTHER"), ("", None), (None, None)],
)
@pytest.mark.parametrize("more", [{}, ABANDONED])
async def test_the_gender_in_any_case(created, detail, clinic, sent, shown, more):
    case_id = await created(with_user(case_body(clinic.product_id, **more), gender=sent))
    assert (await detail(case_id))["submitter"]["gender"] == shown


@pytest.mark.parametrize("gender", ["M", "man", 1, ["MALE"]])
async def test_another_gender_is_refused_with_those_there_are(create, clinic, gender):
    answer = await create(with_user(case_body(clinic.product_id), gender=gender))
    assert (answer.status_code, fields(answer)) == (400, ["user.gender"])
    assert "FEMALE, MALE, OTHER" in answer.json()["errors"][0]["message"] or not isinstance(gender, str)


@pytest.mark.parametrize("spell", ["{} ", " {}", "\t{}\n", "{}\u00a0"])
async def test_blanks_around_an_email_are_not_part_of_it(created, detail, client, clinic, spell):
    email = new_email()
    case_id = await created(with_user(case_body(clinic.product_id), email=spell.format(email)))
    assert (await detail(case_id))["submitter"]["email"] == email
    params = {"email": f"{email} "}
    found = await client.get("/api/v1/customer-case-detail", params=params, headers=clinic.key)
    assert found.json()["caseDetail"]["id"] == case_id


async def test_a_blank_within_an_email_is_refused(create, clinic):
    answer = await create(with_user(case_body(clinic.product_id), email="a b@example.com "))
    assert (answer.status_code, fields(answer)) == (422, ["user.email"])


@pytest.mark.parametrize("phone", ["", " ", "\t"])
async def test_an_empty_phone_is_not_given(create, created, detail, clinic, phone):
    answer = await create(with_user(case_body(clinic.product_id), phoneNumber=phone))
    left_out = case_body(clinic.product_id)
    del left_out["user"]["phoneNumber"]
    assert (answer.status_code, answer.json()["errors"]) == (400, (await create(left_out)).json()["errors"])
    abandoned = with_user(case_body(clinic.product_id, **ABANDONED), phoneNumber=phone, dob=phone)
    submitter = (await detail(await created(abandoned)))["submitter"]
    assert (submitter["phoneNumber"], submitter["dob"]) == (None, None)
