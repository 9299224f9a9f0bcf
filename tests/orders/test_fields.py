"""Each field's rule, in the default profile: what is refused and under which name, and what is let pass with a warning."""

import pytest

from tests.cases.problems import fields
from tests.orders.bodies import drop, order_body, put
from tests.orders.shop import refusals


def nested(levels: int) -> dict[str, object]:
    """An object of so many levels, each inside the one before."""
    return {"a": nested(levels - 1)} if levels > 1 else {"a": 1}


REQUIRED = [
    "order",
    "order.prescriber",
    "order.prescriber.firstName",
    "order.prescriber.lastName",
    "order.prescriber.npi",
    "order.prescriber.email",
    "order.prescriber.phoneNumber",
    "order.prescriber.address",
    *(
        f"order.{owner}.{name}"
        for owner in ("shippingAddress", "prescriber.address")
        for name in ("addressLine1", "city", "state", "country", "postalCode")
    ),
    "order.diagnosis",
    "order.pharmacyId",
    "order.prescriptionItems",
    "order.prescriptionItems[0].drugId",
    "order.prescriptionItems[0].quantity",
]
TEXTS = [
    path for path in REQUIRED if path.rpartition(".")[2] not in ("order", "prescriber", "address", "prescriptionItems")
]


@pytest.mark.parametrize("path", REQUIRED)
async def test_a_missing_field_is_named_as_on_the_page(shop, case_id, path):
    answer = await shop.place(case_id, drop(order_body(), path))
    leaf = path.rpartition(".")[2]
    assert refusals(answer) == {path: f"{leaf} is required"}
    assert answer.json()["error"] == f"{leaf} is required"


@pytest.mark.parametrize("path", TEXTS)
async def test_a_blank_text_is_refused(shop, case_id, path):
    assert list(refusals(await shop.place(case_id, put(order_body(), path, "  ")))) == [path]


@pytest.mark.parametrize("path", TEXTS)
@pytest.mark.parametrize("value", [30, None, ["x"]])
async def test_what_is_no_text_is_refused(shop, case_id, path, value):
    assert list(refusals(await shop.place(case_id, put(order_body(), path, value)))) == [path]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        *(
            (f"order.{owner}.{name}", value)
            for owner in ("shippingAddress", "prescriber.address")
            for name, value in [
                ("state", "California"),
                ("state", "ca"),
                ("state", "ZZ"),
                ("country", "USA"),
                ("country", "U"),
                ("country", "1A"),
                ("postalCode", "9410"),
                ("postalCode", "941055"),
                ("postalCode", "94105-1234"),
                ("postalCode", "9410a"),
                ("postalCode", "９４１０５"),  # noqa: RUF001 - digits of another script
            ]
        ),
        ("order.prescriber.npi", "123456789"),
        ("order.prescriber.npi", "12345678901"),
        ("order.prescriber.npi", "12345678 0"),
        ("order.prescriber.email", "john.smith"),
        ("order.prescriber.email", "john@smith@example.com"),
        ("order.prescriber.phoneNumber", "4155550123"),
        ("order.prescriber.phoneNumber", "+0123"),
        ("order.prescriber.phoneNumber", "call me"),
        ("order.dateWritten", "15.01.2024"),
        ("order.dateWritten", "2024-02-30"),
        ("order.dateWritten", "20240115T103000Z"),
        ("order.dateSigned", "2024-01-15T10:30:00"),
        ("order.datePrescribed", "yesterday"),
        ("order.prescriptionItems", []),
        ("order.prescriptionItems", [{"drugId": "drug-456", "quantity": "1"}] * 51),
        ("order.prescriptionItems[0].refillCount", -1),
        ("order.prescriptionItems[0].refillCount", 100),
        ("order.prescriptionItems[0].refillCount", 1.5),
        ("order.prescriptionItems[0].refillCount", "3"),
        ("order.prescriptionItems[0].supplyDays", -1),
        ("order.prescriptionItems[0].supplyDays", 367),
        ("order.prescriptionItems[0].supplyDays", True),
        ("order.customFields", {"text": "x" * 16_384}),
        ("order.customFields", nested(33)),
        ("order.customFields", nested(500)),
        ("order.customFields", ["no object"]),
        ("order.customFields", "no object"),
        ("order.pharmacyId", "pharmacy-unknown"),
        ("order.pharmacyId", "pharmacy-closed"),
        ("order.pharmacyId", "00000000-0000-0000-0000-000000000000"),
        ("order.prescriptionItems[0].drugId", "drug-unknown"),
        ("order.prescriptionItems[0].drugId", "drug-gone"),
        ("order.prescriptionItems[0].drugId", "drug-controlled"),
        ("idempotencyKey", ""),
        ("idempotencyKey", "x" * 256),
        ("idempotencyKey", 7),
        ("order.diagnosis", "x" * 5_001),
        ("order.prescriber.firstName", "x" * 201),
        ("order.patientHealthInfo", "none"),
        ("order.patientHealthInfo.allergies", 7),
    ],
)
async def test_a_value_that_breaks_a_rule_is_refused_and_named(shop, case_id, path, value):
    before = await shop.counts()
    assert list(refusals(await shop.place(case_id, put(order_body(), path, value)))) == [path]
    assert await shop.counts() == before


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("order.prescriptionItems[0].refillCount", 0),
        ("order.prescriptionItems[0].refillCount", 99),
        ("order.prescriptionItems[0].supplyDays", 366),
        ("order.prescriptionItems[0].supplyDays", None),
        ("order.dateWritten", "2024-02-29"),
        ("order.dateSigned", "2024-01-15T10:30:00.123+02:00"),
        ("order.customFields", {}),
        ("order.customFields", nested(32)),
        ("order.patientHealthInfo", None),
        ("order.shippingAddress.country", "ca"),
    ],
)
async def test_a_value_at_the_edge_is_good(shop, case_id, path, value):
    await shop.placed(case_id, put(order_body(), path, value))


async def test_what_is_unknown_is_named_in_the_message(shop, case_id):
    item = {"drugId": "drug-nobody-knows", "quantity": "1"}
    said = refusals(await shop.place(case_id, order_body(pharmacyId="pharmacy-nobody", prescriptionItems=[item])))
    assert "pharmacy-nobody" in said["order.pharmacyId"]
    assert "drug-nobody-knows" in said["order.prescriptionItems[0].drugId"]


async def test_a_controlled_substance_is_refused_with_the_reason(shop, case_id):
    answer = await shop.place(case_id, put(order_body(), "order.prescriptionItems[0].drugId", "drug-controlled"))
    assert "drug-controlled is a controlled substance (schedule III)" in answer.json()["error"]


async def test_everything_wrong_is_told_at_once(shop, case_id):
    """Missing fields, wrong types, broken rules, unknown things, in one answer."""
    body = drop(order_body(pharmacyId="pharmacy-unknown"), "order.prescriber.firstName")
    body = put(put(body, "order.prescriber.npi", "12"), "order.prescriptionItems[0].quantity", 30)
    body = put(put(body, "order.shippingAddress.state", "XX"), "order.prescriptionItems[0].drugId", "drug-controlled")
    answer = await shop.place(case_id, body)
    assert answer.json()["error"] == "firstName is required"
    assert fields(answer) == [
        "order.pharmacyId",
        "order.prescriber.firstName",
        "order.prescriber.npi",
        "order.prescriptionItems[0].drugId",
        "order.prescriptionItems[0].quantity",
        "order.shippingAddress.state",
    ]


async def test_a_missing_action_is_named(shop, case_id):
    assert refusals(await shop.place(case_id, drop(order_body(), "action"))) == {"action": "action is required"}


@pytest.mark.parametrize("action", ["place_order", "CHANGE_CASE_STATUS", "", 7, None])
async def test_another_action_is_answered_with_the_known_ones(shop, case_id, action):
    answer = await shop.place(case_id, {"action": action})
    assert list(refusals(answer)) == ["action"]
    if isinstance(action, str):
        assert answer.json()["error"] == "action: expected one of PLACE_ORDER"


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"null", b"\xff", b'{"action": "PLACE_ORDER", "order": {"a": NaN}}']
)
async def test_what_is_no_json_object_is_400(shop, case_id, content):
    headers = shop.clinic.key | {"content-type": "application/json"}
    refusals(await shop.client.post(f"/api/v1/cases/{case_id}", content=content, headers=headers))


async def test_text_with_nul_is_refused(shop, case_id):
    assert list(refusals(await shop.place(case_id, order_body(customFields={"a": "\0"})))) == ["order.customFields.a"]


async def test_nothing_is_nested_so_deep_that_it_is_an_error_of_ours(shop, case_id):
    headers = shop.clinic.key | {"content-type": "application/json"}
    for levels in (40, 900, 5_000, 100_000):
        content = (
            b'{"action": "PLACE_ORDER", "order": {"customFields": ' + b'{"a": ' * levels + b"1" + b"}" * levels + b"}}"
        )
        refusals(await shop.client.post(f"/api/v1/cases/{case_id}", content=content, headers=headers))


async def test_too_large_a_body_is_413(shop, case_id):
    answer = await shop.place(case_id, order_body(customFields={"a": "x" * 1_100_000}))
    assert answer.status_code == 413
    assert answer.json()["message"] == "Invalid request"
