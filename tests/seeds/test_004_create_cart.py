"""Every example of the create-cart page (seed 004), word for word, and its tables of fields."""

import re
import shutil
from uuid import UUID

import pytest

from carelane.kit.ids import record_id
from carelane.surfaces.docs.billing_examples import CREATE_CART
from tests.billing.enums import ENUMS
from tests.billing.fields import ANSWERS, BODIES
from tests.billing.tables import faults, members, read_kind
from tests.factories.rows import insert_row
from tests.factories.staff import hire
from tests.own_clinic import make_clinic
from tests.seeds.pages import curls, json_blocks, read_page
from tests.seeds.replay import by_curl, by_httpx, load

PAGE = load("004_create_cart")
COMMAND, CREATED = PAGE["createCart"], PAGE["created"]
NAME = "<string>"
SENDERS = [
    pytest.param(by_curl, marks=pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")),
    by_httpx,
]
# A field of the page: name, type, whether it must be there, what stands for it, its choices.
_FIELD = re.compile(
    r"^(\w+)\n(string|integer|number|enum<string>|\w+ · object)(<date-time>)?(\[\])?( \| null)?\n(required\n)?"
    r"(?:default:(\S+)\n)?(?:\n[^\n]+\n(?:\nAvailable options:\n((?:\w+,\n)*\w+\n))?)?",
    re.MULTILINE,
)


@pytest.fixture
async def cart_clinic(services, tmp_path):
    """A clinic with a patient and a member of staff who go by the page's placeholder."""
    clinic = await make_clinic(services, tmp_path)
    organization_id = UUID(clinic.organization_id)
    named = {"id": record_id(organization_id, NAME), "given_id": NAME}
    await insert_row(services, organization_id, "patients", email="jane@patient.example", first_name="Jane", **named)
    await hire(services, organization_id, "Ada", "Berg", **named)
    return clinic


def with_tenant(command, clinic):
    return command | {"headers": command["headers"] | {"TENANT": clinic.tenant}}


def test_our_statement_of_the_examples_is_the_pages():
    text = read_page("004")
    assert curls(text) == [COMMAND]
    assert json_blocks(text) == [COMMAND["body"], CREATED]


def test_the_documentation_shows_the_pages_body():
    assert COMMAND["body"] == CREATE_CART


# ---- the tables


@pytest.mark.parametrize(
    ("first", "last", "table"),
    [("Body\n", "Response\n", BODIES["CartCreate"]), ("Response\n", None, ANSWERS["CartSummary"])],
    ids=["body", "answer"],
)
def test_our_table_is_the_pages(first, last, table):
    text = read_page("004").partition(first)[2]
    fields = _FIELD.findall((text.partition(last)[0] if last else text) + "\n")
    ours = members(table)
    assert {name for name, *_ in fields} == set(ours)
    for name, kind, date, brackets, null, required, default, options in fields:
        own, is_body = ours[name], first == "Body\n"
        assert own.is_list == bool(brackets), name
        assert own.is_required == (is_body and bool(required)), name
        assert not null or own.is_nullable, name
        assert not (required and own.is_nullable), name
        assert (own.default or "0") == (default or "0") or own.default == "[]", name
        if options:
            assert ENUMS[own.name].split() == re.findall(r"\w+", options)
        else:
            assert own.name.removesuffix("Tiny") in f"date-time {kind}" if date else kind.startswith(own.name), name


# ---- the command


def in_printed_order(value, printed):
    """Whether each object has the printed members first, in their order."""
    if isinstance(printed, dict) and isinstance(value, dict):
        first = list(value)[: len(printed)]
        return first == list(printed) and all(in_printed_order(value[name], printed[name]) for name in printed)
    if isinstance(printed, list) and isinstance(value, list) and printed:
        return all(in_printed_order(item, printed[0]) for item in value)
    return True


def members_beyond(value, printed, path=""):
    """Members that the page does not print."""
    if isinstance(printed, dict) and isinstance(value, dict):
        if printed:
            yield from (f"{path}.{name}" for name in value.keys() - printed.keys())
        for name in printed.keys() & value.keys():
            yield from members_beyond(value[name], printed[name], f"{path}.{name}")
    if isinstance(printed, list) and isinstance(value, list) and printed:
        for item in value:
            yield from members_beyond(item, printed[0], path)


# Members of a patient that came after the page was printed.
YOUNGER = {"pronouns", "preferredName", "patientSource", "leadSource", "dosespotPatientId"}


def assert_as_printed(cart):
    assert list(cart) == list(CREATED)
    assert in_printed_order(cart, CREATED)
    beyond = set(members_beyond(cart, CREATED))
    assert beyond <= {f"{place}.patient.{name}" for place in ("", ".quotes") for name in YOUNGER}
    assert list(faults(cart, read_kind("CartSummary"), "cart")) == []


@pytest.mark.parametrize("send", SENDERS)
async def test_the_curl_command_creates_the_cart(server, cart_clinic, client, send):
    answer = await send(server.url, with_tenant(COMMAND, cart_clinic), cart_clinic.api_key)

    assert answer.status == 200, answer.body
    cart, body = answer.body, COMMAND["body"]
    assert_as_printed(cart)
    assert (cart["id"], cart["patient"]["id"], cart["creator"]["id"]) == (NAME, NAME, NAME)
    for name in ("status", "notes", "expiresDate", "discountAmount", "discountPercentage", "items"):
        assert cart[name] == body[name], name
    assert {cart[name] for name in ("taxAmount", "total", "subtotal")} == {0}
    assert (cart["quotes"], cart["convertedChargeId"]) == ([], None)
    again = await client.get("/billing/cart/%3Cstring%3E", headers=cart_clinic.billing)
    assert again.json() == cart


async def test_409_for_the_same_command_again(server, cart_clinic):
    command = with_tenant(COMMAND, cart_clinic)
    await by_httpx(server.url, command, cart_clinic.api_key)
    answer = await by_httpx(server.url, command, cart_clinic.api_key)
    assert (answer.status, list(answer.body)) == (409, ["detail"])


async def test_401_with_the_placeholders_in_place_of_the_credentials(server):
    answer = await by_httpx(server.url, COMMAND, "<api-key>")
    assert (answer.status, list(answer.body)) == (401, ["detail"])


async def test_404_without_the_patient_of_that_name(server, other_clinic):
    answer = await by_httpx(server.url, with_tenant(COMMAND, other_clinic), other_clinic.api_key)
    assert (answer.status, list(answer.body)) == (404, ["detail"])
    assert NAME in answer.body["detail"]


async def test_422_names_everything_that_is_wrong(server, cart_clinic):
    body = {"status": "NEW", "discountAmount": "ten", "items": [{"quantity": "x"}]}
    answer = await by_httpx(server.url, with_tenant(COMMAND, cart_clinic) | {"body": body}, cart_clinic.api_key)
    assert answer.status == 422
    assert [problem["loc"] for problem in answer.body["detail"]] == [
        ["body", "patientId"],
        ["body", "status"],
        ["body", "discountAmount"],
        ["body", "items", 0, "quantity"],
        ["body", "items", 0, "itemId"],
    ]
    assert {tuple(problem) for problem in answer.body["detail"]} == {("loc", "msg", "type")}


# ---- the whole shape, filled


@pytest.fixture
def ask(client, cart_clinic):
    async def one(method, path, body=None):
        answer = await client.request(method, path, json=body, headers=cart_clinic.billing)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return one


@pytest.fixture
async def whole_patient(ask, cart_clinic):
    """A patient of whom everything is known that the page prints."""
    tag = await ask("POST", "/user/patient/tags", {"name": "VIP", "emoji": "*", "color": "#ff0000"})
    known = {
        "id": "pat_whole", "firstName": "Jane", "lastName": "Roe", "phoneNumber": "+12125550123", "email": "j@x.example",
        "externalId": "ext-1", "address": "1 Main Street", "addressLineTwo": "Top", "city": "New York", "state": "NY",
        "zipCode": "10001", "country": "US", "addressValid": True, "meta": {"a": 1}, "gender": "female",
        "primaryLocationId": cart_clinic.location_id, "dateOfBirth": "1990-05-15", "patientMedications": ["aspirin"],
        "preferredProviderId": cart_clinic.creator_id, "creditBalance": 123,
    }  # fmt: skip
    await ask("POST", "/user/patient/create", known)
    await ask("POST", "/user/patient/pat_whole/tags", {"patientId": "pat_whole", "tagIds": [tag["id"]]})
    return known["id"]


@pytest.fixture
async def whole_cart(ask, cart_clinic, whole_patient):
    """A cart whose quote was made, handed over, seen, accepted and converted."""
    body = COMMAND["body"] | {"id": "cart_whole", "patientId": whole_patient, "expiresDate": "2099-01-01T00:00:00Z"}
    lines = [{"itemId": cart_clinic.item_id, "quantity": 1.5}, {"packageId": cart_clinic.package_id}]
    await ask("POST", "/billing/cart", body | {"discountAmount": 100, "discountPercentage": 12.5, "items": lines})
    quote = {"id": "quo_whole", "cartId": "cart_whole", "patientId": whole_patient, "creatorId": NAME, "title": "Plan"}
    await ask(
        "POST", "/billing/quote", quote | {"validUntilDate": "2099-01-01T00:00:00Z", "internalNotes": "Call first"}
    )
    await ask("PUT", "/billing/quote/quo_whole", {"status": "SENT"})
    await ask("GET", "/billing/quote/public/quo_whole")
    await ask("POST", "/billing/quote/respond", {"quoteId": "quo_whole", "response": "accept"})
    await ask("POST", "/billing/quote/convert-to-charge", {"quoteId": "quo_whole"})
    return await ask("GET", "/billing/cart/cart_whole")


def empty_places(value, printed, path=""):
    """Printed members that are null, or empty lists."""
    if value is None or (value == [] and printed):
        yield path
    elif isinstance(printed, dict) and isinstance(value, dict):
        for name, inner in printed.items():
            yield from empty_places(value[name], inner, f"{path}.{name}")
    elif isinstance(printed, list) and printed:
        for item in value:
            yield from empty_places(item, printed[0], f"{path}[]")


async def test_every_printed_member_can_be_filled(whole_cart):
    assert_as_printed(whole_cart)
    assert (whole_cart["status"], whole_cart["quotes"][0]["status"]) == ("CONVERTED", "CONVERTED")
    assert list(empty_places(whole_cart, CREATED)) == []
    assert [len(whole_cart["items"]), len(whole_cart["patient"]["tags"])] == [2, 1]


async def test_a_cart_shows_the_quotes_made_of_it_and_the_sums_agree(whole_cart):
    (quote,) = whole_cart["quotes"]
    lines = whole_cart["items"]
    assert whole_cart["subtotal"] == sum(line["totalPrice"] for line in lines) == 23_850 + 9_999
    assert whole_cart["discountAmount"] == 4_231 + 100
    assert whole_cart["total"] == whole_cart["subtotal"] - whole_cart["discountAmount"] + whole_cart["taxAmount"]
    for name in ("discountAmount", "discountPercentage", "taxAmount", "total"):
        assert quote[name] == whole_cart[name], name
    assert (quote["itemCount"], quote["packageCount"], quote["cartId"]) == (1, 1, "cart_whole")
