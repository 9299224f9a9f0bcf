"""An order is what a clinician approved for the product of each drug, in this case, today, and no more of it."""

from datetime import timedelta

import pytest

from carelane.cases.schemas import MedicationIn
from carelane.kit import clock
from carelane.kit.us_zones import earliest_day_in, latest_day_in
from tests.factories.cases import case_body
from tests.factories.pharmacies import add_drug
from tests.factories.rows import insert_row
from tests.orders.bodies import put, strict_body
from tests.orders.shop import refusals
from tests.orders.test_place import opened

A_DAY = timedelta(days=1)
FIRST = "order.prescriptionItems[0]"
THREE = [MedicationIn(medicine="Lisinopril", refill_count=2)]


def bare(count=None, **item):
    """An order for the drug of the product that was approved, with so many refills."""
    refills = {} if count is None else {"refillCount": count}
    return strict_body(prescriptionItems=[{"drugId": "drug-456", "quantity": "30"} | refills | item])


async def refused(shop, case_id, body):
    """What the real request is refused for; the dry run says the same, and nothing is written."""
    before = await shop.counts()
    tried = (await shop.place(case_id, body, query="?dryRun=true")).json()["data"]
    told = refusals(await shop.place(case_id, body))
    assert await shop.counts() == before
    assert {one["field"]: one["message"] for one in tried["findings"] if one["severity"] == "refuse"} == told
    assert tried["wouldCreate"] is False
    return told


async def findings_of(shop, case_id, body):
    """What `compat` tells before, keeps with the order, and shows staff: the same three times."""
    tried = (await shop.place(case_id, body, query="?dryRun=true")).json()["data"]
    order_id = await shop.placed(case_id, body)
    ((kept,),) = await shop.ask("SELECT warnings FROM orders WHERE id = %s", order_id)
    assert kept == [f"{one['field']}: {one['message']}" for one in tried["findings"]]
    return [one["field"] for one in tried["findings"]]


async def test_what_was_approved_passes_without_a_word(shop, strict_shop):
    for each in (shop, strict_shop):
        case_id = await each.approved_case(THREE)
        assert await findings_of(each, case_id, bare(2)) == []


# ---- what the clinician did not approve


@pytest.mark.parametrize(
    ("outcome", "said"),
    [({"is_approved": False}, "was not rejected"), ({"is_approved": False, "is_no_decision": True}, "was decided on")],
)
async def test_what_was_rejected_or_left_undecided_no_profile_lets_pass(any_shop, outcome, said):
    case_id = await any_shop.approved_case()
    await any_shop.decide(case_id, **outcome)
    told = await refused(any_shop, case_id, bare())
    assert list(told) == [f"{FIRST}.drugId"]
    assert said in told[f"{FIRST}.drugId"]


async def test_one_product_approved_and_another_rejected(any_shop):
    """The case as a whole is APPROVED; the drug of the other product passes nowhere."""
    shop = any_shop
    other_id = await insert_row(shop.services, shop.id, "products", name="Other", price_cents=1, currency="USD")
    code = f"drug-of-{other_id}"
    await add_drug(shop.services, shop.id, code, product_id=other_id)
    case_id = await shop.approved_case(THREE)
    await insert_row(shop.services, shop.id, "case_products", case_id=case_id, product_id=other_id, position=1)
    await shop.decide(case_id, product_id=other_id, is_approved=False)

    both = [{"drugId": "drug-456", "quantity": "30"}, {"drugId": code, "quantity": "30"}]
    assert list(await refused(shop, case_id, strict_body(prescriptionItems=both))) == [
        "order.prescriptionItems[1].drugId"
    ]
    await shop.placed(case_id, bare())


async def test_a_rejected_request_without_a_kept_decision_counts_too(any_shop):
    case_id = await any_shop.approved_case()
    await any_shop.decide(case_id)
    other_id = await insert_row(any_shop.services, any_shop.id, "products", name="Old", price_cents=1, currency="USD")
    code = f"drug-of-{other_id}"
    await add_drug(any_shop.services, any_shop.id, code, product_id=other_id)
    place = {"case_id": case_id, "product_id": other_id, "position": 1}
    product = await insert_row(any_shop.services, any_shop.id, "case_products", **place)
    await insert_row(
        any_shop.services, any_shop.id, "case_product_requests", case_product_id=product, status="REJECTED"
    )
    assert list(await refused(any_shop, case_id, bare(drugId=code))) == [f"{FIRST}.drugId"]


async def test_the_last_decision_counts(any_shop):
    case_id = await any_shop.approved_case()
    await any_shop.decide(case_id, is_approved=False, is_no_decision=True)
    await any_shop.decide(case_id, medications=THREE)
    await any_shop.placed(case_id, bare())


# ---- today


@pytest.mark.parametrize("days", [1, 2, 26_000])
async def test_a_decision_that_begins_later_is_none_yet(any_shop, days):
    begins = latest_day_in("NY", clock.now()) + days * A_DAY
    case_id = await any_shop.approved_case()
    await any_shop.decide(case_id, medications=THREE, start_date=begins)
    told = await refused(any_shop, case_id, bare())
    assert str(begins) in told[f"{FIRST}.drugId"]


async def test_a_decision_that_ended_is_none_any_more(any_shop):
    ended = earliest_day_in("CA", clock.now()) - A_DAY
    case_id = await any_shop.approved_case()
    await any_shop.decide(case_id, medications=THREE, end_date=ended)
    told = await refused(any_shop, case_id, bare())
    assert str(ended) in told[f"{FIRST}.drugId"]


async def test_its_first_and_its_last_day_belong_to_it(any_shop):
    case_id = await any_shop.approved_case()
    now = clock.now()
    # Begun by midnight at the latest, and not ended before the next one.
    await any_shop.decide(
        case_id, medications=THREE, start_date=latest_day_in("CA", now), end_date=latest_day_in("CA", now)
    )
    if earliest_day_in("CA", clock.now()) == latest_day_in("CA", now):
        await any_shop.placed(case_id, bare())


async def test_it_begins_with_the_day_where_the_patient_lives(shop):
    """When it is the day before still where the parcel goes, as it is for three hours from New York to California."""
    user = case_body(shop.clinic.product_id)["user"]
    address = user["shippingAddress"] | {"state": "GU", "postalCode": "96910"}
    case_id = await shop.approved_case(user=user | {"shippingAddress": address})
    await shop.decide(case_id, medications=THREE, start_date=latest_day_in("GU", clock.now()))
    body = put(bare(), "order.shippingAddress.state", "AS")
    await shop.placed(case_id, put(body, "order.shippingAddress.postalCode", "96799"))


async def test_it_ends_with_the_day_where_it_ends_last(shop):
    user = case_body(shop.clinic.product_id)["user"]
    address = user["shippingAddress"] | {"state": "AS", "postalCode": "96799"}
    case_id = await shop.approved_case(user=user | {"shippingAddress": address})
    ends = earliest_day_in("AS", clock.now())
    await shop.decide(case_id, medications=THREE, end_date=ends)
    body = put(bare(), "order.shippingAddress.state", "GU")
    answer = await shop.place(case_id, put(body, "order.shippingAddress.postalCode", "96910"))
    assert answer.status_code == 200 or earliest_day_in("AS", clock.now()) != ends, answer.text


# ---- what `strict` refuses, and `compat` keeps as a finding


async def both(shop, strict_shop, medications, body):
    """The fields that `compat` doubts; `strict` refuses the same."""
    doubted = await findings_of(shop, await shop.approved_case(medications), body)
    case_id = await strict_shop.approved_case(medications)
    if doubted:
        assert list(await refused(strict_shop, case_id, body)) == doubted
    else:
        await strict_shop.placed(case_id, body)
    return doubted


async def test_a_drug_of_no_product_of_the_case(shop, strict_shop):
    for each in (shop, strict_shop):
        other_id = await insert_row(each.services, each.id, "products", name="Far", price_cents=1, currency="USD")
        await add_drug(each.services, each.id, "drug-alone")
        await add_drug(each.services, each.id, "drug-far", product_id=other_id)
    for code in ("drug-alone", "drug-far"):
        assert await both(shop, strict_shop, THREE, bare(drugId=code)) == [f"{FIRST}.drugId"]


@pytest.mark.parametrize(
    ("direction", "is_within"),
    [
        ("Take 1 tablet daily with food", True),
        ("take one tablet each day", True),
        ("as directed", True),
        ("", True),
        ("Take 2 tablets daily", False),
        ("Take 1 tablet twice daily", False),
        ("Take 1 tablet every 4 hours", False),
        ("1 tablet BID", False),
    ],
)
async def test_directions_stay_within_those_of_the_decision(shop, strict_shop, direction, is_within):
    stated = [MedicationIn(medicine="Lisinopril", pharmacy_instructions="Take 1 tablet daily")]
    doubted = await both(shop, strict_shop, stated, bare(direction=direction))
    assert doubted == ([] if is_within else [f"{FIRST}.direction"])


async def test_directions_that_the_decision_does_not_state_are_the_storefronts(shop, strict_shop):
    assert await both(shop, strict_shop, THREE, bare(direction="Take 4 tablets daily")) == []


@pytest.mark.parametrize(("member", "value"), [("quantity", "31"), ("quantity", "31 tablets"), ("supplyDays", 31)])
async def test_so_do_quantity_and_days(shop, strict_shop, member, value):
    stated = [MedicationIn(medicine="Lisinopril", quantity="30", treatment_period="30 days")]
    assert await both(shop, strict_shop, stated, bare(supplyDays=30)) == []
    assert await both(shop, strict_shop, stated, bare(**{member: value})) == [f"{FIRST}.{member}"]


async def test_all_that_is_wrong_is_told_at_once(strict_shop):
    stated = [
        MedicationIn(medicine="Lisinopril", quantity="30", pharmacy_instructions="1 daily", treatment_period="30 days")
    ]
    case_id = await strict_shop.approved_case(stated)
    body = bare(3, direction="4 daily", quantity="90", supplyDays=90)
    told = await refused(strict_shop, case_id, put(body, "order.prescriber.npi", "1043218118"))
    names = ("refillCount", "direction", "quantity", "supplyDays")
    assert list(told) == ["order.prescriber.npi", *(f"{FIRST}.{name}" for name in names)]


# ---- whose name is under it


async def signed(shop, case_id, body):
    return (await opened(shop, await shop.placed(case_id, body))).is_signed


async def test_only_who_decided_has_prescribed_it_electronically(shop):
    case_id = await shop.approved_case()
    assert await signed(shop, case_id, strict_body())
    assert not await signed(shop, case_id, put(strict_body(), "order.prescriber.npi", "1043218118"))
    assert not await signed(shop, case_id, put(strict_body(), "order.prescriber.lastName", "Smythe"))
    await add_drug(shop.services, shop.id, "drug-unsigned")
    items = [{"drugId": "drug-456", "quantity": "1"}, {"drugId": "drug-unsigned", "quantity": "1"}]
    assert not await signed(shop, case_id, strict_body(prescriptionItems=items))
