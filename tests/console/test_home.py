"""The home page: its numbers are what their lists show, and whoever may not see a list does not see its number."""

import re
from datetime import timedelta
from uuid import UUID

import pytest

from carelane.figures.jobs import make_figures_of
from carelane.kit import clock
from carelane.sessions.access import COOKIE
from tests.console.world import sign_in
from tests.factories.cases import case_body, change_case
from tests.factories.charges import line, make_charge
from tests.factories.orders import add_callback, place_order
from tests.factories.pharmacies import add_pharmacy
from tests.factories.rows import insert_row
from tests.own_clinic import make_clinic

_NUMBER = re.compile(r'<li><a href="([^"]+)"><span class="line">([^<]+)<.*?<b>([^<]+)</b><small>([^<]+)</small>')


@pytest.fixture
async def here(services, tmp_path):
    return await make_clinic(services, tmp_path)


@pytest.fixture
async def organization_id(here):
    return UUID(here.organization_id)


@pytest.fixture
def read(ask, services, here):
    """A page as somebody of that role sees it, or as that member does."""

    async def get(path="/console", role="CASEWORKER", member=None):
        member = member or await sign_in(services, here, role)
        answer = await ask.get(path, headers={"Cookie": f"{COOKIE.name}={member.token}"})
        assert answer.status_code == 200, answer.text
        return answer.text

    return get


@pytest.fixture
def case(client, here):
    async def make(**changes):
        answer = await client.post("/api/v1/cases", json=case_body(here.product_id) | changes, headers=here.key)
        assert answer.status_code == 200, answer.text
        return UUID(answer.json()["data"]["caseId"])

    return make


def numbers(html):
    """By name: where it leads, how many, what is said under it."""
    found = _NUMBER.findall(html.replace("&amp;", "&"))
    return {name.strip(): (path, number, under) for path, name, number, under in found}


async def test_the_rail_says_the_number_of_the_page(services, organization_id, read, case):
    assert re.search(r"Orders<span class=\"count\">0<", await read(role="CASEWORKER"))
    await place_order(services, organization_id, await case(), status="NEEDS_ATTENTION")
    shown = await read(role="CASEWORKER")
    assert numbers(shown)["Need attention"][1] == "1"
    assert re.search(r"Orders<span class=\"count\">1<", shown)


async def test_each_number_is_that_of_its_list(services, here, organization_id, read, case):
    me = await sign_in(services, here, "CASEWORKER")
    mine = [await case() for _ in range(2)]
    for case_id in mine:
        await change_case(services, organization_id, case_id, status="ASSIGNED", assigned_to_id=me.id)
    await change_case(services, organization_id, await case(), asked_patient_at=clock.now())
    for _ in range(3):
        await case()
    body = case_body(here.product_id)
    body["user"]["shippingAddress"] |= {"state": "CA", "postalCode": "94016"}
    await case(user=body["user"])
    shown = numbers(await read(member=me))
    assert {name: number for name, (_, number, _) in shown.items()} == {
        "Mine": "2",
        "Free to take": "3",
        "Waiting for patient": "1",
        "Need attention": "0",
        "Failing": "0",
    }
    for name in ("Mine", "Free to take", "Waiting for patient"):
        path, number, _ = shown[name]
        assert f'<h1>Queue</h1><span class="soft">{number} in this view</span>' in await read(path, member=me), name


async def test_what_needs_attention_and_what_fails(services, organization_id, read, case):
    case_id = await case()
    for status in ("NEEDS_ATTENTION", "SHIPPED"):
        await place_order(services, organization_id, case_id, status=status)
    owed = {"case_id": case_id, "amount_cents": 15900, "currency": "USD", "status": "UNPAID", "method": "REFERENCE"}
    for stage in ("NEEDS_STAFF", "NEEDS_CARD", "NEEDS_PATIENT"):
        await insert_row(services, organization_id, "payments", stage=stage, **owed)
    endpoint = {"url": "https://x.example", "secret_sealed": b"x", "events": []}
    await insert_row(services, organization_id, "webhook_endpoints", name="Slow", **endpoint)
    await insert_row(
        services, organization_id, "webhook_endpoints", name="Broken", first_failed_at=clock.now(), **endpoint
    )
    shown = numbers(await read(role="ADMIN"))
    assert shown["Need attention"][1:] == ("1", "1 order")
    assert shown["Failing"][1:] == ("3", "1 webhook, 2 payments")
    listed = await read(shown["Failing"][0], role="ADMIN")
    assert listed.count('href="/console/payments/') == 2
    assert "Broken" in listed
    assert "Slow" not in listed
    # Who manages no webhooks is not told of them.
    shown = numbers(await read(role="SUPPORT"))
    assert shown["Failing"][1:] == ("2", "2 payments")
    assert "Broken" not in await read(shown["Failing"][0], role="SUPPORT")


async def test_what_needs_attention_leads_to_just_that(services, organization_id, read, case):
    case_id = await case()
    shop = await add_pharmacy(services, organization_id)
    stuck = await place_order(services, organization_id, case_id, status="NEEDS_ATTENTION", pharmacy_id=shop)
    await place_order(services, organization_id, case_id, status="SENT", pharmacy_id=shop)
    callback = await add_callback(services, organization_id, shop, "Q-9")
    path, number, under = numbers(await read(role="CASEMANAGER"))["Need attention"]
    assert (number, under) == ("2", "1 order, 1 callback")
    rows = re.compile('data-row="([^"]+)"')
    assert rows.findall(await read(path, role="CASEMANAGER")) == [str(stuck), str(callback)]
    # Who may not read callbacks is not told of them.
    path, number, under = numbers(await read(role="SUPPORT"))["Need attention"]
    assert (number, under) == ("1", "1 order")
    assert rows.findall(await read(path, role="SUPPORT")) == [str(stuck)]


async def test_a_role_sees_the_numbers_whose_lists_it_may_see(read):
    assert list(numbers(await read(role="ADMIN"))) == [
        "Free to take",
        "Waiting for patient",
        "Need attention",
        "Failing",
    ]
    support = await read(role="SUPPORT")
    assert list(numbers(support)) == ["Need attention", "Failing"]
    assert "Cases a day" not in support
    assert "Next case" not in support
    assert "Orders now" in support


async def test_an_empty_clinic_is_told_so(read):
    page = await read()
    for text in (
        "No case is yours.",
        "No case came in these days.",
        "Nothing was decided in these days.",
        "No order is under way.",
        "Nothing was charged yet.",
    ):
        assert text in page
    assert 'class="chart"' not in page


async def test_charts_and_their_tables_show_the_same(services, here, organization_id, read, case):
    yesterday = clock.now() - timedelta(days=1)
    for status in ("APPROVED", "APPROVED", "REJECTED", "OPEN"):
        await change_case(services, organization_id, await case(), created_at=yesterday, status=status)
    await make_charge(services, here, line(price=15900, product_id=UUID(here.item_id)))
    await make_figures_of(services, organization_id)
    page = await read()
    assert 'aria-label="Cases a day by status: 2 approved, 1 rejected, 1 open, 0 closed."' in page
    rows = re.findall(r'<tr><th scope="row">[^<]+</th>((?:<td class="amount">\d+</td>){4})</tr>', page)
    assert [re.findall(r"\d+", row) for row in rows][-2:] == [["2", "1", "1", "0"], ["0", "0", "0", "0"]]
    assert len(rows) == 14
    # A picture is as tall as its number: of four cases on an axis up to four, half are approved.
    assert 'class="a" x="' in page
    assert 'height="56.0"' in page
    assert "Charged $159.00, Refunded $0.00, Outstanding $159.00" in page
    assert 'style="' not in page
