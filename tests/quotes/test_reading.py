"""Quotes are listed, read by staff, and shown to their patient."""

import json
from uuid import UUID

import pytest

from carelane.apply.actions import apply_file
from carelane.kit.auth import new_secret
from tests.factories.quotes import make_quote
from tests.factories.rows import insert_row
from tests.factories.staff import hire
from tests.own_clinic import make_clinic
from tests.quotes.conftest import problems

PUBLIC = {
    "id", "status", "title", "description", "discountAmount", "taxAmount", "total", "terms", "validUntilDate", "items",
    "createdDate", "viewedDate", "respondedDate", "subtotal",
}  # fmt: skip
ONLY_DETAIL = {"description", "terms", "items", "convertedChargeId", "subtotal"}


async def test_a_quote_reads_as_it_was_answered(good, new_quote):
    quote = await new_quote(description="for you", terms="net 30", internalNotes="vip")
    assert await good("GET", f"/quote/{quote['id']}") == quote


async def test_the_list_shows_the_newest_first_and_counts_all(good, new_quote):
    quotes = [await new_quote(id=f"quote_{number}") for number in range(3)]
    page = await good("GET", "/quote/list")
    assert page["total"] == 3
    assert [quote["id"] for quote in page["data"]] == ["quote_2", "quote_1", "quote_0"]
    assert page["data"][2] == {name: value for name, value in quotes[0].items() if name not in ONLY_DETAIL}
    second = await good("GET", "/quote/list", params={"page": 2, "size": 2})
    assert ([quote["id"] for quote in second["data"]], second["total"]) == (["quote_0"], 3)
    beyond = await good("GET", "/quote/list", params={"page": 1_000_000_000, "size": 100})
    assert beyond == {"data": [], "total": 3}


async def test_the_list_filters_by_patient_creator_cart_and_status(
    good, here, services, new_cart, new_quote, sent_quote
):
    own = (services, UUID(here.organization_id))
    kim = str(await insert_row(*own, "patients", email="kim@patient.example", first_name="Kim", last_name="Ode"))
    lee = str(await hire(*own, "Lee", "Ash"))
    first = await new_quote(creatorId=lee)
    kims = await new_quote(patientId=kim, cartId=(await new_cart(patientId=kim))["id"])
    sent = await sent_quote()

    async def found(**params):
        page = await good("GET", "/quote/list", params=params)
        assert page["total"] == len(page["data"])
        return {quote["id"] for quote in page["data"]}

    assert await found(patient_id=kim) == {kims["id"]}
    assert await found(creator_id=lee) == {first["id"]}
    assert await found(cart_id=sent["cartId"]) == {sent["id"]}
    assert await found(status="SENT") == {sent["id"]}
    assert await found(status="DRAFT", patient_id=here.patient_id) == {first["id"]}
    assert await found(patient_id="nobody") == set()
    assert await found(patient_id=kim, creator_id=lee) == set()


@pytest.mark.parametrize(
    ("params", "named"),
    [
        ({"page": "-1", "size": "101"}, {"page", "size"}),
        ({"page": "x", "status": "OPEN"}, {"page", "status"}),
        ({"page": "1000000001"}, {"page"}),
    ],
)
async def test_all_wrong_parameters_are_told(ask, params, named):
    found = problems(await ask("GET", "/quote/list", params=params))
    assert sorted(found) == sorted(["query", name] for name in named)


async def test_the_public_view_leaves_out_what_is_staffs_own(good, new_quote):
    quote = await new_quote(description="for you", terms="net 30", internalNotes="vip")
    view = await good("GET", f"/quote/public/{quote['id']}")
    assert set(view) == PUBLIC
    assert view == {name: quote[name] for name in PUBLIC}
    assert await good("GET", f"/quote/{quote['id']}/view") == view


async def test_the_first_public_view_stamps_a_sent_quote_once(good, sent_quote, states):
    quote = await sent_quote()
    assert (await good("GET", f"/quote/public/{quote['id']}", params={"update_viewed_date": "false"}))[
        "status"
    ] == "SENT"
    assert (await good("GET", f"/quote/{quote['id']}/view"))["viewedDate"] is None
    first = await good("GET", f"/quote/public/{quote['id']}")
    assert (first["status"], first["viewedDate"] is not None) == ("VIEWED", True)
    assert await good("GET", f"/quote/public/{quote['id']}") == first
    assert await states(quote) == ("VIEWED", "DRAFT")


async def test_a_draft_is_not_stamped(good, new_quote):
    quote = await new_quote()
    view = await good("GET", f"/quote/public/{quote['id']}")
    assert (view["status"], view["viewedDate"]) == ("DRAFT", None)


async def test_a_quote_past_its_date_is_not_stamped(good, sent_quote, let_pass):
    quote = await sent_quote()
    await let_pass(quote)
    assert (await good("GET", f"/quote/public/{quote['id']}"))["viewedDate"] is None


async def test_a_wrong_flag_is_told(ask, new_quote):
    quote = await new_quote()
    answer = await ask("GET", f"/quote/public/{quote['id']}", params={"update_viewed_date": "perhaps"})
    assert problems(answer) == [["query", "update_viewed_date"]]


async def test_every_read_is_written_down(good, new_quote, rows, here):
    quote = await new_quote()
    for path in (f"/quote/{quote['id']}", f"/quote/public/{quote['id']}", f"/quote/{quote['id']}/view", "/quote/list"):
        await good("GET", path)
    reads = await rows(
        "SELECT record_kind, record_id::text, reason FROM phi_reads WHERE organization_id = %s ORDER BY id"
    )
    assert reads == [
        ("quote", quote["id"], "quote by its id"),
        ("quote", quote["id"], "quote for its patient"),
        ("quote", quote["id"], "preview of a quote"),
        ("quotes", here.organization_id, "list of quotes"),
    ]


async def test_a_key_that_only_reads_moves_no_quote(client, services, tmp_path):
    """The same request by a key that writes does."""
    reading = new_secret("cvk")
    clinic = await make_clinic(services, tmp_path)
    keys = [{"name": "Storefront", "scopes": ["billing:read", "billing:write"], "secret": clinic.api_key}]
    keys += [{"name": "Reports", "scopes": ["billing:read"], "secret": reading}]
    organization = {"id": clinic.organization_id, "tenant": clinic.tenant, "name": "Own Clinic", "casePrefix": "OWN"}
    file = tmp_path / "keys.yaml"
    file.write_text(json.dumps({"organization": organization, "keys": keys}))
    await apply_file(services, file, False, {})
    quote_id = await make_quote(services, clinic)
    url = f"/billing/quote/public/{quote_id}"
    shown = await client.get(url, headers=clinic.billing | {"API-KEY": reading})
    assert (shown.status_code, shown.json()["status"], shown.json()["viewedDate"]) == (200, "SENT", None)
    assert (await client.get(url, headers=clinic.billing)).json()["status"] == "VIEWED"
