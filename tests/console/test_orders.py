"""The pages of orders: what they show and do, over HTTP."""

import re

import httpx
import pytest

from carelane.kit import clock
from carelane.pharmacies.adapters import Report
from carelane.sessions.access import COOKIE
from tests.console.world import sign_in
from tests.desk.counter import open_counter
from tests.factories.orders import add_call, add_callback

URL = "/console/orders"


@pytest.fixture
async def desk(client, services, tmp_path):
    return await open_counter(client, services, tmp_path)


@pytest.fixture
async def mara(services, desk):
    return await sign_in(services, desk.clinic, "CASEMANAGER")


@pytest.fixture
def look(client, mara):
    async def get(path="", status=200, member=mara) -> str:
        answer = await client.get(f"{URL}{path}", cookies={COOKIE.name: member.token})
        assert answer.status_code == status, answer.text[:1000]
        return answer.text

    return get


@pytest.fixture
def send(client, mara):
    async def post(path, **fields) -> httpx.Response:
        return await client.post(
            f"{URL}/{path}",
            data={"form_token": mara.form_token, **fields},
            cookies={COOKIE.name: mara.token},
            headers={"sec-fetch-site": "same-origin"},
        )

    return post


def ids(html):
    return re.findall(r'data-row="([^"]+)"', html)


async def test_only_what_needs_a_person_has_a_button(desk, look):
    stuck = await desk.order("NEEDS_ATTENTION", failure="no answer in time", attempts=4)
    quiet = await desk.order("SENT")
    html = await look()
    assert ids(html) == [str(stuck), str(quiet)]
    board = html[html.index('class="board"') :]
    assert re.findall(r'class="small">(\w+ \w+)', board) == ["Send again"]
    assert "No answer in time. 4 tries." in board
    # The rail counts the same.
    assert re.search(r"Orders<span class=\"count\">1<", html)


async def test_filters_are_in_the_address(desk, look):
    sent, test = await desk.order("SENT"), await desk.order("SENT", is_test=True)
    assert ids(await look("?state=SENT")) == [str(sent)]
    assert ids(await look("?tests=true")) == [str(test)]
    assert ids(await look(f"?pharmacy={desk.clinic.organization_id}")) == []
    assert ids(await look("/board?state=SENT&pharmacy=&tests=")) == [str(sent)]


@pytest.mark.parametrize("path", ["", "/board"])
@pytest.mark.parametrize(
    ("query", "name", "said"),
    [
        ("state=LOST", "state", "expected one of ATTENTION, TO_SEND"),
        ("pharmacy=x", "pharmacy", "expected a UUID"),
        ("tests=yes", "tests", "expected `true` or `false`"),
        ("after=x", "after", "expected a UUID"),
        ("isTest=true", "isTest", "there is no filter of that name; expected pharmacy, state, tests"),
        ("state=SENT&state=SHIPPED", "state", "expected once"),
    ],
)
async def test_a_filter_that_is_none_is_named_as_it_was_sent(look, path, query, name, said):
    assert f'<span class="id">{name}</span>: {said}' in await look(f"{path}?{query}", 400)


async def test_a_region_that_did_not_change_costs_nothing(client, desk, mara):
    await desk.order("SENT")
    first = await client.get(f"{URL}/board", cookies={COOKIE.name: mara.token})
    headers = {"If-None-Match": first.headers["etag"]}
    again = await client.get(f"{URL}/board", cookies={COOKIE.name: mara.token}, headers=headers)
    assert again.status_code in {200, 304}
    if again.status_code == 200:
        # A minute went by in between.
        assert again.headers["etag"] != first.headers["etag"]


async def test_one_order_shows_its_content_and_that_is_recorded(desk, look, mara):
    order_id = await desk.order("NEEDS_ATTENTION", failure="no answer in time")
    await add_call(desk.services, desk.organization_id, order_id, "new_rx", "unknown", http_status=502)
    case_id = (await desk.stands(order_id))["caseId"]
    html = await look(f"/{order_id}")
    for text in ("Sent the prescription", "HTTP 502", "Send the order again", f"/console/cases/{case_id}"):
        assert text in html
    async with desk.services.db.reading(desk.organization_id) as conn:
        looks = (
            "SELECT count(*) FROM phi_reads WHERE record_id = %s AND actor_id = %s AND reason = 'content of an order'"
        )
        assert await (await conn.execute(looks, (case_id, mara.id))).fetchone() == (1,)


async def test_what_was_doubted_is_said_with_its_field(desk, look):
    doubted = [
        "order.prescriptionItems[1].quantity: differs from the decision",
        "prescriber.npi: nobody here has it",
        "order.shippingAddress.postalCode: not of that state",
    ]
    html = await look(f"/{await desk.order('SENT', warnings=doubted)}")
    for said in (
        "<b>Medicine 2, quantity</b>: differs from the decision",
        "<b>Prescriber, NPI</b>: nobody here has it",
        "<b>Shipping address, postal code</b>: not of that state",
    ):
        assert said in html


async def test_support_sees_where_it_is_and_nothing_of_the_patient(desk, look, services):
    order_id = await desk.order("NEEDS_ATTENTION", failure="no answer in time")
    support = await sign_in(services, desk.clinic, "SUPPORT")
    html = await look(f"/{order_id}", member=support)
    assert "What is ordered" not in html
    assert f"{URL}/{order_id}/" not in html
    assert "Send again" not in await look(member=support)


async def test_send_again_leads_to_the_order_and_a_second_one_is_told(desk, send):
    order_id = await desk.order("NEEDS_ATTENTION", failure="no answer in time", sending_began_at=clock.now())
    sent = await send(f"{order_id}/send")
    assert (sent.status_code, sent.headers["location"]) == (303, f"{URL}/{order_id}?done=sent")
    assert (await desk.stands(order_id))["status"] == "SENDING"
    late = await send(f"{order_id}/send")
    assert late.status_code == 409
    assert "only one that is NEEDS_ATTENTION can be sent again" in late.text


async def test_what_happened_is_written_down_after_a_word(desk, send):
    order_id = await desk.order("NEEDS_ATTENTION", failure="no answer in time")
    typed = {"happened": "DELIVERED", "note": "Ida said so.", "seenStatus": "NEEDS_ATTENTION"}
    unsure = await send(f"{order_id}/resolve", **typed, resolveWord="resolv")
    assert unsure.status_code == 422
    assert "Ida said so." in unsure.text
    assert 'href="#f-resolveWord"' in unsure.text
    nameless = await send(f"{order_id}/resolve", resolveWord="resolve", **(typed | {"note": ""}))
    assert (nameless.status_code, 'href="#f-note"' in nameless.text) == (422, True)
    assert (await desk.stands(order_id))["status"] == "NEEDS_ATTENTION"
    done = await send(f"{order_id}/resolve", **typed, resolveWord="Resolve ")
    assert done.status_code == 303
    assert (await desk.stands(order_id))["status"] == "DELIVERED"
    stale = await send(f"{order_id}/resolve", **typed, resolveWord="resolve")
    assert stale.status_code == 409
    assert "no longer NEEDS_ATTENTION" in stale.text


async def test_cancel_wants_its_word_and_a_reason(desk, send):
    order_id = await desk.order("RECEIVED")
    for fields in ({"reason": "Moved"}, {"cancelWord": "cancel"}):
        assert (await send(f"{order_id}/cancel", **fields)).status_code == 422
    done = await send(f"{order_id}/cancel", reason="Moved", cancelWord="cancel")
    assert done.headers["location"] == f"{URL}/{order_id}?done=canceled"
    assert (await desk.stands(order_id))["status"] == "CANCELED"


async def test_what_cannot_be_replaced_keeps_what_was_typed(desk, send):
    order_id = await desk.order("SHIPPED")
    typed = {"replaceReason": "It came back", "shippingAddress.addressLine1": "2 Quay Street"}
    refused = await send(f"{order_id}/replace", **typed)
    assert refused.status_code == 422
    assert "2 Quay Street" in refused.text
    assert 'href="#f-shippingAddress.city"' in refused.text
    blank = await send(f"{order_id}/replace")
    assert (blank.status_code, 'href="#f-replaceReason"' in blank.text) == (422, True)


async def test_a_callback_is_matched_with_the_order_it_is_about(desk, look, send):
    order_id = await desk.order("SENT", sending_began_at=clock.now())
    report = Report(status="ACCEPTED", pharmacy_order_id="Q-9")
    callback_id = await add_callback(desk.services, desk.organization_id, desk.pharmacy_id, "Q-9", report)
    assert "Accepted, their number Q-9" in await look()
    path = f"callbacks/{callback_id}"
    assert str(order_id) in await look(f"/{path}")
    nothing = await send(f"{path}/match", word="match")
    assert (nothing.status_code, 'href="#f-orderId"' in nothing.text) == (422, True)
    done = await send(f"{path}/match", word="match", orderId=str(order_id))
    assert done.headers["location"] == f"{URL}/{order_id}?done=matched"
    assert (await desk.stands(order_id))["status"] == "ACCEPTED"
    late = await send(f"{path}/dismiss", reason="Not ours", dismissWord="dismiss")
    assert (late.status_code, "APPLIED" in late.text) == (409, True)
    assert "Match the callback" not in await look(f"/{path}")


async def test_a_callback_is_dismissed_with_a_reason_and_a_word(desk, look, send):
    callback_id = await add_callback(desk.services, desk.organization_id, desk.pharmacy_id, None)
    path = f"callbacks/{callback_id}/dismiss"
    unsure = await send(path, reason="Not ours")
    assert (unsure.status_code, "Not ours" in unsure.text) == (422, True)
    assert (await send(path, reason="Not ours", dismissWord="dismiss")).headers["location"] == f"{URL}?done=dismissed"
    assert "Callbacks without an order" not in await look()


async def test_only_tests_offer_the_simulator(desk, look, send):
    real = await desk.order("SENT")
    assert "/story" not in await look(f"/{real}")
    refused = await send(f"{real}/story", story="SHIP")
    assert (refused.status_code, "test case" in refused.text) == (422, True)


async def test_pharmacies_say_when_they_fail(desk, look):
    order_id = await desk.order("SENT")
    for _ in range(3):
        await add_call(desk.services, desk.organization_id, order_id, "status", "unknown", failure="no answer in time")
    html = await look("/pharmacies")
    assert "Failing: 3 calls in a row" in html
    assert f"{URL}?pharmacy={desk.pharmacy_id}" in html
