"""`pharmacies`, `drugs` and `webhooks` of an organization file."""

import msgspec
import pytest

from carelane.apply.actions import apply_file
from carelane.apply.errors import InvalidFileError
from carelane.kit.http import Http
from carelane.pharmacies.queries import SECRET as PHARMACY_SECRET
from carelane.pharmacies.schemas import SIMULATOR_SECRET
from carelane.webhooks.queries import PREVIOUS_SECRET, SECRET
from carelane.webhooks.signing import new_secret, standard_key

LONG = "a-secret-of-more-than-thirty-two-characters"


@pytest.fixture
def partners(file):
    file.content |= {
        "products": [{"name": "Tablets", "price": "7"}],
        "pharmacies": [
            {"code": "main", "name": "Main", "adapter": "http", "url": "https://rx.example/api", "secret": LONG},
            {"code": "box", "name": "Box", "adapter": "simulator"},
        ],
        "drugs": [
            {"code": "d1", "name": "Tablets 5 mg", "ndc": "99999-0001-30", "product": "Tablets"},
            {"code": "d2", "name": "Strong", "schedule": "II"},
        ],
        "webhooks": [{"name": "Shop", "url": "https://shop.example/hook", "events": ["ORDER_CREATED"], "secret": LONG}],
    }
    return file


async def pharmacy_secret(file, code):
    query = f"SELECT secret_sealed, id FROM pharmacies WHERE code = '{code}'"
    ((sealed, pharmacy_id),) = await file.fetch(query)
    return await file.open(sealed, PHARMACY_SECRET, pharmacy_id)


async def test_first_creates_then_changes_nothing(partners):
    first = await partners.apply()
    assert [(change.what, change.name) for change in first[2:]] == [
        ("pharmacy", "main"),
        ("pharmacy", "box"),
        ("drug", "d1"),
        ("drug", "d2"),
        ("webhook", "Shop"),
    ]
    assert {change.action for change in first} == {"create"}
    assert all(change.secret is None for change in first)
    assert await partners.done() == []

    assert await pharmacy_secret(partners, "main") == LONG
    # What the simulator in the box expects: nobody has to be told.
    assert await pharmacy_secret(partners, "box") == SIMULATOR_SECRET
    drugs = "SELECT d.code, d.schedule, p.name FROM drugs d LEFT JOIN products p ON p.id = d.product_id ORDER BY d.code"
    assert await partners.fetch(drugs) == [("d1", None, "Tablets"), ("d2", "II", None)]
    ((sealed, endpoint_id),) = await partners.fetch("SELECT secret_sealed, id FROM webhook_endpoints")
    assert await partners.open(sealed, SECRET, endpoint_id) == LONG


async def test_a_secret_that_is_not_given_is_made_and_shown_once(partners):
    del partners.content["pharmacies"][0]["secret"], partners.content["webhooks"][0]["secret"]
    made = {change.name: change for change in await partners.apply() if change.secret}
    assert sorted(made) == ["Shop", "main"]
    assert await pharmacy_secret(partners, "main") == made["main"].secret
    assert len(standard_key(made["Shop"].secret)) == 32
    assert made["Shop"].secret not in repr(made["Shop"])
    ids = await partners.fetch("SELECT id FROM pharmacies WHERE code = 'main'")
    assert ids == [(made["main"].id,)]
    assert await partners.done() == []


async def test_changed_parts_are_updated_and_nothing_else(partners):
    await partners.apply()
    partners.content["pharmacies"][0] |= {"name": "Main Street", "secret": LONG[::-1]}
    partners.content["pharmacies"][1]["isActive"] = False
    partners.content["drugs"][1]["schedule"] = None
    partners.content["webhooks"][0] |= {"events": [], "payload": "EVENT_ONLY", "documentFormat": "BASE64"}

    assert await partners.done() == [
        ("update", "pharmacy", "main"),
        ("update", "pharmacy", "box"),
        ("update", "drug", "d2"),
        ("update", "webhook", "Shop"),
    ]
    assert await partners.done() == []

    assert await pharmacy_secret(partners, "main") == LONG[::-1]
    assert await partners.fetch("SELECT code, is_active FROM pharmacies ORDER BY code") == [
        ("box", False),
        ("main", True),
    ]
    endpoint = await partners.fetch("SELECT events, payload, document_format FROM webhook_endpoints")
    assert endpoint == [([], "EVENT_ONLY", "BASE64")]


async def test_the_secret_before_stays_good_for_a_day(partners):
    await partners.apply()
    partners.content["webhooks"][0]["secret"] = newer = new_secret()
    assert await partners.done() == [("update", "webhook", "Shop")]
    query = """
    SELECT id, secret_sealed, previous_secret_sealed, round(extract(epoch FROM previous_secret_ends_at - now()) / 3600)
    FROM webhook_endpoints
    """
    ((endpoint_id, sealed, previous, hours),) = await partners.fetch(query)
    assert await partners.open(sealed, SECRET, endpoint_id) == newer
    assert await partners.open(previous, PREVIOUS_SECRET, endpoint_id) == LONG
    assert hours == 24


async def test_webhooks_are_switched_off_and_on_by_the_file_only_if_it_says_so(partners):
    await partners.apply()
    state = "SELECT disabled_at IS NOT NULL, disabled_reason FROM webhook_endpoints"
    partners.content["webhooks"][0]["enabled"] = False
    assert await partners.done() == [("update", "webhook", "Shop")]
    assert await partners.fetch(state) == [(True, "BY_STAFF")]

    del partners.content["webhooks"][0]["enabled"]
    assert await partners.done() == []
    assert await partners.fetch(state) == [(True, "BY_STAFF")]

    partners.content["webhooks"][0]["enabled"] = True
    assert await partners.done() == [("update", "webhook", "Shop")]
    assert await partners.fetch(state) == [(False, None)]


@pytest.mark.parametrize(
    ("section", "values", "place"),
    [
        ("pharmacies", {"code": "with space"}, ".code"),
        ("pharmacies", {"adapter": "fax"}, ".adapter"),
        ("pharmacies", {"url": None}, ".url"),
        ("pharmacies", {"adapter": "simulator"}, ".url"),
        ("pharmacies", {"url": "ftp://rx.example"}, ".url"),
        ("pharmacies", {"url": "https://10.1.2.3/rx"}, ".url"),
        ("pharmacies", {"secret": "short"}, ".secret"),
        ("drugs", {"schedule": "I"}, ".schedule"),
        ("drugs", {"ndc": "twelve"}, ".ndc"),
        ("drugs", {"product": "Powder"}, ".product"),
        ("webhooks", {"url": "http://127.0.0.1:1/hook"}, ".url"),
        ("webhooks", {"url": "https://user:word@shop.example/"}, ".url"),
        ("webhooks", {"events": ["ORDER_CREATED", "ORDER_EATEN"]}, ".events[1]"),
        ("webhooks", {"events": ["ORDER_CREATED", "ORDER_CREATED"]}, ".events[1]"),
        ("webhooks", {"secret": "whsec_short"}, ".secret"),
        ("webhooks", {"secret": "short"}, ".secret"),
        ("webhooks", {"documentFormat": "XML"}, ".documentFormat"),
        ("webhooks", {"payload": "ALL"}, ".payload"),
    ],
)
async def test_bad_values_are_refused_by_field(partners, section, values, place):
    partners.content[section][0] |= values
    with pytest.raises(InvalidFileError) as error:
        await partners.apply()
    assert [problem.field for problem in error.value.problems] == [f"{section}[0]{place}"]
    assert LONG not in str(error.value)
    assert await partners.organization_id() is None


@pytest.mark.parametrize("section", ["pharmacies", "drugs", "webhooks"])
async def test_one_name_is_one_part(partners, section):
    partners.content[section].append(partners.content[section][0])
    with pytest.raises(InvalidFileError) as error:
        await partners.apply()
    places = [problem.field for problem in error.value.problems]
    assert places == [f"{section}[{len(partners.content[section]) - 1}]"]

    partners.content[section].pop()
    await partners.apply()
    partners.content[section][0]["id"] = "0c0ffee0-0000-4000-8000-000000000001"
    with pytest.raises(InvalidFileError) as error:
        await partners.apply()
    assert [problem.field for problem in error.value.problems] == [section]


async def test_private_networks_that_the_settings_allow_may_be_named(partners, services):
    partners.content["webhooks"][0]["url"] = "http://127.0.0.1:1/hook"
    with pytest.raises(InvalidFileError, match="CARELANE_ALLOWED_NETWORKS"):
        await partners.apply()
    allowing = msgspec.structs.replace(services, http=Http("127.0.0.0/8"))
    await apply_file(allowing, partners.path, False, {})
    assert await partners.fetch("SELECT url FROM webhook_endpoints") == [("http://127.0.0.1:1/hook",)]
