"""Each field's rule, in the default profile: what is refused and under which name, and what is let pass with a warning."""

from datetime import timedelta

import pytest

from carelane.kit import clock
from carelane.kit.us_zones import day_in
from tests.cases.problems import fields
from tests.orders.bodies import drop, order_body, put, strict_body
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
        ("order.prescriptionItems[0].supplyDays", 0),
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


# ---- how much


@pytest.mark.parametrize(
    "quantity",
    [
        "0", "0.0", "0.000", "00", "-5", "+5", "thirty", "thirty 30", "1e3", "1E3", "NaN", "nan", "Infinity", "inf", "30e",
        "1,000", "1.000,5", "30-60", "30 to 60", "30 x 2", "1_000", "0x1F", "007", ".5", "5.", "1.2345", "100000", "9" * 100,
        "2 dozen", "3 hundred", "30\n60", "\u0663\u0660", "\uff13\uff10", "½", "30 " + "x" * 60, "tablets", "\u22125", "0 tablets", "30 \u200b",
    ],
)  # fmt: skip
async def test_a_quantity_that_two_people_may_read_in_two_ways_is_refused(shop, strict_shop, case_id, quantity):
    body = put(strict_body(), "order.prescriptionItems[0].quantity", quantity)
    for each, case in ((shop, case_id), (strict_shop, await strict_shop.approved_case())):
        assert list(refusals(await each.place(case, body))) == ["order.prescriptionItems[0].quantity"]


@pytest.mark.parametrize(
    "quantity", ["1", "30", " 30 ", "0.5", "2.125", "99999", "60 tablets", "1 tube", "15 mL", "30g"]
)
async def test_a_quantity_is_a_number_and_perhaps_what_is_counted(shop, case_id, quantity):
    await shop.placed(case_id, put(strict_body(), "order.prescriptionItems[0].quantity", quantity))
    assert (await shop.orders_of(case_id))[0]["items"][0]["quantity"] == quantity.strip()


# ---- when


def moment(hours):
    """So many hours from now, as a program in UTC would write it."""
    return (clock.now() + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")


def days(number):
    return (clock.now() + timedelta(days=number)).date().isoformat()


@pytest.mark.parametrize("name", ["dateWritten", "dateSigned", "datePrescribed"])
@pytest.mark.parametrize(
    "when",
    [
        "2099-01-01", "0001-01-01", "1999-12-31", "1900-01-01", "9999-12-31", "2099-01-01T00:00:00Z", "0001-01-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "1999-12-31T12:00:00Z", "2024-01-15T10:30:00+23:59",
        "2024-01-15T10:30:00+05:30:15", "2024-01-15t10:30:00Z", "2024-01-15 10:30:00Z", "2024-W03-1", "2024-1-15",
        pytest.param(days(2), id="in two days"), pytest.param(moment(1), id="in an hour"),
    ],
)  # fmt: skip
async def test_a_day_that_no_prescription_was_written_on_is_refused(shop, strict_shop, case_id, name, when):
    body = put(strict_body(), f"order.{name}", when)
    for each, case in ((shop, case_id), (strict_shop, await strict_shop.approved_case())):
        assert list(refusals(await each.place(case, body))) == [f"order.{name}"]


@pytest.mark.parametrize("state", ["CA", "GU", "AS", "NY"])
async def test_today_is_good_wherever_the_prescriber_is(shop, case_id, state):
    for when in (day_in(state, clock.now()).isoformat(), days(0), moment(0), "2000-01-02"):
        body = put(strict_body(), "order.prescriber.address.state", state)
        await shop.placed(case_id, put(body, "order.dateWritten", when))


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


@pytest.mark.parametrize("action", ["place_order", "CANCEL_ORDER", "", 7, None])
async def test_another_action_is_answered_with_the_known_ones(shop, case_id, action):
    answer = await shop.place(case_id, {"action": action})
    assert list(refusals(answer)) == ["action"]
    if isinstance(action, str):
        known = "ADD_COMMUNICATION, CHANGE_CASE_STATUS, PLACE_ORDER, UPDATE_CASE_PRODUCT"
        assert answer.json()["error"] == f"action: expected one of {known}"


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
