"""A wrong body is answered with everything that is wrong: types, bounds and rules, in one answer."""

import pytest

LINES = [
    {"itemId": "a", "packageId": "b"},
    {"quantity": -1, "itemId": "a"},
    {"unit_price": "dear"},
    "no line",
    {"itemId": "a", "quantity": "1_0"},
]


async def problems(client, clinic, method, path, body):
    answer = await client.request(method, path, json=body, headers=clinic.billing)
    assert answer.status_code == 422, answer.text
    return [".".join(map(str, problem["loc"][1:])) for problem in answer.json()["detail"]]


async def test_a_cart_with_faults_of_every_kind(client, clinic):
    body = {"patientId": 7, "id": "list", "discountPercentage": 120, "expiresDate": "soon", "items": LINES}
    assert sorted(await problems(client, clinic, "POST", "/billing/cart", body)) == [
        "discountPercentage", "expiresDate", "id", "items.0.itemId", "items.1.quantity", "items.2.itemId",
        "items.2.unitPrice", "items.3", "items.4.quantity", "patientId",
    ]  # fmt: skip


async def test_a_missing_member_hides_no_broken_rule(client, clinic):
    assert sorted(await problems(client, clinic, "POST", "/billing/cart", {"items": [{}]})) == [
        "items.0.itemId",
        "patientId",
    ]


@pytest.mark.parametrize(
    ("method", "path", "body", "expected"),
    [
        ("POST", "/billing/cart/c/items", {"quantity": "two"}, ["itemId", "quantity"]),
        ("PUT", "/billing/cart/c/items/l", {"quantity": "1_0", "notes": 1}, ["notes", "quantity"]),
        ("POST", "/billing/quote", {"id": "send"}, ["cartId", "creatorId", "id", "patientId"]),
        ("PUT", "/billing/quote/q", {"discountPercentage": "1e1", "title": 1}, ["discountPercentage", "title"]),
        ("POST", "/user/patient/create", {"email": "nobody", "gender": 1}, ["email", "gender"]),
        ("POST", "/admin/taxes", {"percentage": "much", "scope": "SPECIFIC_CATEGORIES"}, ["categoryNames", "name", "percentage"]),
    ],
)  # fmt: skip
async def test_rules_are_told_with_types(client, clinic, method, path, body, expected):
    assert sorted(await problems(client, clinic, method, path, body)) == expected


async def test_what_cannot_be_mended_is_told_as_far_as_it_goes(client, clinic):
    assert await problems(client, clinic, "POST", "/billing/cart", ["no object"]) == [""]
