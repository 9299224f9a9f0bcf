"""What `compat` lets pass with a warning and `strict` refuses; and the case itself."""

from datetime import timedelta

import pytest

from carelane.kit import clock
from carelane.kit.us_zones import earliest_day_in
from tests.factories.cases import case_body, change_case
from tests.factories.pharmacies import license_member
from tests.factories.staff import hire
from tests.orders.bodies import order_body, put, strict_body
from tests.orders.shop import refusals

DOUBTFUL = [
    ("order.prescriber.npi", "1234567890"),
    ("order.prescriber.phoneNumber", "+1234567890"),
    ("order.prescriber.dea", "AB1234567"),
    ("order.prescriber.dea", "1234"),
    ("order.shippingAddress.postalCode", "10004"),
    ("order.prescriber.address.postalCode", "10004"),
]


async def warnings_of(shop, order_id):
    ((warnings,),) = await shop.ask("SELECT warnings FROM orders WHERE id = %s", order_id)
    return warnings


async def test_strict_has_nothing_against_a_right_order(strict_shop, strict_case_id):
    order_id = await strict_shop.placed(strict_case_id, put(strict_body(), "order.prescriber.dea", "AB1234563"))
    assert await warnings_of(strict_shop, order_id) == []


@pytest.mark.parametrize(("path", "value"), DOUBTFUL)
async def test_strict_refuses_what_cannot_be_right(strict_shop, strict_case_id, path, value):
    answer = await strict_shop.place(strict_case_id, put(strict_body(), path, value))
    assert list(refusals(answer)) == [path]


@pytest.mark.parametrize(("path", "value"), DOUBTFUL)
async def test_compat_keeps_a_warning(shop, case_id, path, value):
    order_id = await shop.placed(case_id, put(strict_body(), path, value))
    (warning,) = await warnings_of(shop, order_id)
    assert warning.startswith(f"{path}: expected ")
    assert value not in warning


async def test_strict_tells_all_doubts_at_once(strict_shop, strict_case_id):
    body = order_body()
    for path, value in DOUBTFUL:
        body = put(body, path, value)
    told = refusals(await strict_shop.place(strict_case_id, body))
    assert set(told) == {path for path, _ in DOUBTFUL}


async def test_strict_refuses_a_controlled_substance_too(strict_shop, strict_case_id):
    body = put(strict_body(), "order.prescriptionItems[0].drugId", "drug-controlled")
    assert "controlled substance" in refusals(await strict_shop.place(strict_case_id, body)).popitem()[1]


# ---- the case


@pytest.mark.parametrize("status", ["OPEN", "ASSIGNED", "IN_PROGRESS", "NO_DECISION"])
async def test_compat_warns_of_a_case_that_is_not_approved_and_strict_refuses(shop, strict_shop, status):
    case_id, strict_case_id = await shop.approved_case(), await strict_shop.approved_case()
    await change_case(shop.services, shop.id, case_id, status=status)
    await change_case(strict_shop.services, strict_shop.id, strict_case_id, status=status)

    order_id = await shop.placed(case_id, strict_body())
    assert await warnings_of(shop, order_id) == [f"caseId: expected a case that is APPROVED; this one is {status}"]
    assert list(refusals(await strict_shop.place(strict_case_id, strict_body()))) == ["caseId"]


@pytest.mark.parametrize("change", [{"status": "ABANDONED"}, {"status": "REJECTED"}, {"is_archived": True}])
async def test_an_abandoned_rejected_or_archived_case_takes_no_order(shop, strict_shop, change):
    for each in (shop, strict_shop):
        case_id = await each.approved_case()
        await change_case(each.services, each.id, case_id, **change)
        assert list(refusals(await each.place(case_id, strict_body()))) == ["caseId"]


# ---- the patient's address


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"addressLine1": None}, "addressLine1"),
        ({"city": " "}, "city"),
        ({"state": "New York"}, "state"),
        ({"postalCode": "ABC"}, "postalCode"),
        ({"country": "Mexico"}, "country"),
        (None, "addressLine1, city, state, postalCode"),
    ],
)
async def test_a_patient_without_a_good_address_needs_one_in_the_order(shop, change, named):
    user = case_body(shop.clinic.product_id)["user"]
    address = None if change is None else user["shippingAddress"] | change
    case_id = await shop.approved_case(user=user | {"shippingAddress": address})
    answer = await shop.place(case_id, order_body(shippingAddress=None))
    said = f"shippingAddress is required: the address of the case's patient lacks a good {named}"
    assert refusals(answer) == {"order.shippingAddress": said}
    await shop.placed(case_id, order_body())


async def test_a_patients_zip_code_in_another_state_is_doubted(shop):
    user = case_body(shop.clinic.product_id)["user"]
    address = user["shippingAddress"] | {"postalCode": "94105"}
    case_id = await shop.approved_case(user=user | {"shippingAddress": address})
    order_id = await shop.placed(case_id, strict_body(shippingAddress=None))
    assert (await warnings_of(shop, order_id))[0].startswith("order.shippingAddress: ")


# ---- the prescriber's licence

NPI = "1245319599"


@pytest.fixture(scope="module")
async def prescriber(strict_shop):
    """Licensed in California for good, in Texas no more."""
    staff_id = await hire(strict_shop.services, strict_shop.id, "Ann", "Marsh", npi=NPI)
    await license_member(strict_shop.services, strict_shop.id, staff_id, "CA", "2999-12-31")
    await license_member(strict_shop.services, strict_shop.id, staff_id, "TX", "2020-12-31")
    return staff_id


def to_state(state, postal_code):
    body = put(strict_body(), "order.prescriber.npi", NPI)
    body = put(body, "order.shippingAddress.state", state)
    return put(body, "order.shippingAddress.postalCode", postal_code)


async def test_a_prescriber_of_the_clinic_with_a_licence_in_the_state_may(strict_shop, strict_case_id, prescriber):
    await strict_shop.placed(strict_case_id, to_state("CA", "94105"))


@pytest.mark.parametrize(("state", "postal_code"), [("TX", "75001"), ("NY", "10004")])
async def test_a_licence_that_ended_or_is_of_another_state_is_none(
    strict_shop, strict_case_id, prescriber, state, postal_code
):
    told = refusals(await strict_shop.place(strict_case_id, to_state(state, postal_code)))
    assert told == {"order.prescriber.npi": f"expected a prescriber with a valid licence in {state}"}


async def test_the_patients_state_counts_when_it_goes_there(strict_shop, strict_case_id, prescriber):
    body = put(strict_body(shippingAddress=None), "order.prescriber.npi", NPI)
    told = refusals(await strict_shop.place(strict_case_id, body))
    assert told == {"order.prescriber.npi": "expected a prescriber with a valid licence in NY"}


async def test_who_is_in_no_staff_list_is_no_prescriber(shop, strict_shop, strict_case_id, case_id, prescriber):
    body = put(strict_body(), "order.prescriber.npi", "1043218118")
    told = refusals(await strict_shop.place(strict_case_id, body))
    assert list(told) == ["order.prescriber.npi"]
    order_id = await shop.placed(case_id, body)
    assert await warnings_of(shop, order_id) == [f"order.prescriber.npi: {told['order.prescriber.npi']}"]


async def test_a_licence_is_good_until_its_last_day_has_ended_in_the_state(strict_shop, strict_case_id):
    """On that day it is good wherever in the state; on the next, nowhere."""
    npi = "1043218118"
    staff_id = await hire(strict_shop.services, strict_shop.id, "Last", "Day", npi=npi)
    today = earliest_day_in("FL", clock.now())
    await license_member(strict_shop.services, strict_shop.id, staff_id, "FL", today.isoformat())
    await license_member(strict_shop.services, strict_shop.id, staff_id, "GA", (today - timedelta(days=1)).isoformat())

    last = put(to_state("FL", "32003"), "order.prescriber.npi", npi)
    answer = await strict_shop.place(strict_case_id, last)
    # Unless the day has ended meanwhile.
    assert answer.status_code == 200 or earliest_day_in("FL", clock.now()) != today
    over = put(to_state("GA", "30002"), "order.prescriber.npi", npi)
    assert list(refusals(await strict_shop.place(strict_case_id, over))) == ["order.prescriber.npi"]


async def test_compat_only_warns_of_a_licence(shop, case_id):
    await hire(shop.services, shop.id, "Ann", "Marsh", npi=NPI)
    order_id = await shop.placed(case_id, to_state("NY", "10004"))
    assert await warnings_of(shop, order_id) == [
        "order.prescriber.npi: expected a prescriber with a valid licence in NY"
    ]
