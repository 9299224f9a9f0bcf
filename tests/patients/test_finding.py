"""Patients are looked up: the table with its filters and orders, ids, search, by ids."""

from uuid import UUID

import pytest

from tests.factories.rows import insert_row
from tests.patients.conftest import new_email, places

PEOPLE = [
    {"id": "ada", "firstName": "Ada", "lastName": "Byron", "email": "ada@one.example", "phoneNumber": "+1 (212) 555-0101",
     "dateOfBirth": "1980-01-01", "externalId": "crm-1", "leadSource": "radio", "onSchedulingBlacklist": True},
    {"id": "bea", "firstName": "Bea", "lastName": "Adams", "email": "bea@two.example", "phoneNumber": "212.555.0102",
     "dateOfBirth": "1990-06-15", "leadSource": "print"},
    {"id": "cas", "firstName": "Cäsar", "phoneNumber": "+12125550103", "dateOfBirth": "2000-12-31"},
    {"id": "dan", "lastName": "100%_Dan", "externalId": "crm-1"},
]  # fmt: skip


@pytest.fixture
async def people(here, create, good, services):
    """Four of them, and one who is archived; the clinic's own first patient is archived too."""
    for body in PEOPLE:
        await create(**body)
    await create(id="old", firstName="Ada", lastName="Archived", externalId="crm-9")
    await good("POST", "/archive", {"patientIds": ["old", here.patient_id]})
    await good("PUT", "/bea", {"primaryLocationId": here.location_id})


@pytest.fixture
def table(good):
    async def read(**query):
        page = await good("GET", "/table", params=query)
        assert set(page) == {"data", "total"}
        return [patient["id"] for patient in page["data"]], page["total"]

    return read


async def test_the_newest_come_first_and_pages_follow_each_other(people, table):
    assert await table() == (["dan", "cas", "bea", "ada"], 4)
    assert await table(page=1, per_page=3) == (["dan", "cas", "bea"], 4)
    assert await table(page=2, per_page=3) == (["ada"], 4)
    assert await table(page=3, per_page=3) == ([], 4)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"sort_by": "created_date", "sort_direction": "asc"}, ["ada", "bea", "cas", "dan"]),
        ({"sort_by": "first_name"}, ["ada", "bea", "cas", "dan"]),
        ({"sort_by": "first_name", "sort_direction": "desc"}, ["cas", "bea", "ada", "dan"]),
        ({"sort_by": "date_of_birth", "sort_direction": "desc"}, ["cas", "bea", "ada", "dan"]),
    ],
    ids=str,
)
async def test_the_table_is_sorted_and_who_lacks_the_value_comes_last(people, table, query, expected):
    assert await table(**query) == (expected, 4)


async def test_among_those_who_lack_the_value_the_order_is_still_one(people, table):
    for direction, first in (("asc", ["ada", "bea"]), ("desc", ["bea", "ada"])):
        found, _ = await table(sort_by="email", sort_direction=direction)
        assert found[:2] == first
        assert set(found[2:]) == {"cas", "dan"}
        pages = [await table(sort_by="email", sort_direction=direction, page=page, per_page=1) for page in (1, 2, 3, 4)]
        assert [one for page, _ in pages for one in page] == found


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"id": "bea"}, {"bea"}),
        ({"id": "nobody"}, set()),
        ({"external_id": "crm-1"}, {"ada", "dan"}),
        ({"name": "ada byr"}, {"ada"}),
        ({"name": "ADA"}, {"ada", "bea"}),
        ({"name": "%_"}, {"dan"}),
        ({"email": "@ONE"}, {"ada"}),
        ({"phone_number": "555-0102"}, {"bea"}),
        ({"phone_number": "+1212"}, {"ada", "bea", "cas"}),
        ({"phone_number": "none"}, set()),
        ({"date_of_birth": "1990-06-15"}, {"bea"}),
        ({"date_of_birth": "1990-06-15T00:00:00Z"}, {"bea"}),
        ({"date_of_birth": ["1980-01-01", "1990-06-15"]}, {"ada", "bea"}),
        ({"created_date": "2020-01-01T00:00:00Z"}, {"ada", "bea", "cas", "dan"}),
        ({"created_date": ["2020-01-01T00:00:00", "2020-01-02T00:00:00"], "tz": "America/New_York"}, set()),
        ({"lead_source": ["radio", "print"]}, {"ada", "bea"}),
        ({"on_scheduling_blacklist": "true"}, {"ada"}),
        ({"on_scheduling_blacklist": "false", "name": "a"}, {"bea", "cas", "dan"}),
        ({"on_scheduling_blacklist": ["true", "false"]}, {"ada", "bea", "cas", "dan"}),
        ({"opted_out_of_sms": "true"}, set()),
        ({"opted_out_of_sms": "false"}, {"ada", "bea", "cas", "dan"}),
        ({"external_id": "crm-1", "lead_source": "radio"}, {"ada"}),
        ({"name": "", "email": "", "phone_number": " ", "location_id": ""}, {"ada", "bea", "cas", "dan"}),
    ],
    ids=str,
)
async def test_each_filter_leaves_those_who_fit(people, table, good, query, expected):
    found, total = await table(**query)
    assert (set(found), total) == (expected, len(expected))
    assert await good("GET", "/ids", params=query) == found


async def test_locations_and_tags_filter(here, elsewhere, people, table, good):
    assert await table(location_id=here.location_id) == (["bea"], 1)
    assert await table(location_ids=[elsewhere.location_id, here.location_id]) == (["bea"], 1)
    assert await table(location_id=elsewhere.location_id) == ([], 0)
    tags = [(await good("POST", "/tags", {"name": name}))["id"] for name in ("One", "Two")]
    for name, given in (("ada", tags), ("cas", tags[1:])):
        await good("POST", f"/{name}/tags", {"patientId": name, "tagIds": given})
    assert await table(tag_ids=tags[0]) == (["ada"], 1)
    assert await table(tag_ids=tags) == (["cas", "ada"], 2)
    assert await table(tag_ids="none") == ([], 0)


async def test_a_time_without_offset_is_of_the_zone(services, here, people, table):
    await insert_row(services, UUID(here.organization_id), "patients", given_id="ny", created_at="2020-01-02T03:00:00Z")
    day = ["2020-01-01T00:00:00", "2020-01-01T23:59:59"]
    assert await table(created_date=day, tz="America/New_York") == (["ny"], 1)
    assert await table(created_date=day) == ([], 0)
    assert await table(created_date=["2020-01-02T03:00:00Z"] * 2) == (["ny"], 1)


@pytest.mark.parametrize(
    "query",
    [
        {"page": -1}, {"page": "x"}, {"per_page": 1001}, {"per_page": 0}, {"sort_by": "ssn"}, {"sort_direction": "up"},
        {"date_of_birth": "yesterday"}, {"date_of_birth": ["2020-01-01"] * 3}, {"created_date": "x"},
        {"created_date": "0001-01-01T00:00:00+05:00"}, {"created_date": ["9999-12-31T23:59:59.999999Z"] * 2},
        {"tz": "Mars/Olympus", "created_date": "2020-01-01T00:00:00"}, {"tz": "../etc/passwd"},
        {"on_scheduling_blacklist": "maybe"}, {"name": "x" * 201}, {"name": "\0"},
    ],
    ids=str,
)  # fmt: skip
async def test_a_wrong_parameter_is_named(ask, query):
    for path in ("/table", "/ids") if query != {"per_page": 1001} else ("/table",):
        assert places(await ask("GET", path, params=query))[0][:2] == ["query", next(iter(query))]


async def test_all_wrong_parameters_are_named(ask):
    answer = await ask("GET", "/table", params={"date_of_birth": "x", "created_date": "2020-01-01T00:00:00", "tz": "x"})
    assert places(answer) == [["query", "date_of_birth"], ["query", "tz"]]
    answer = await ask("GET", "/table", params={"page": -1, "sort_by": "ssn", "name": "x" * 201})
    assert sorted(place[1] for place in places(answer)) == ["name", "page", "sort_by"]


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        ("byron", ["ada"]),
        ("BYRON ada", ["ada"]),
        ("ada", ["ada", "bea"]),
        ("two.example", ["bea"]),
        ("ada@one.example", ["ada"]),
        ("+1 212 555-0103", ["cas"]),
        ("555", ["cas", "bea", "ada"]),
        ("crm-1", ["dan", "ada"]),
        ("cas", ["cas"]),
        ("100%", ["dan"]),
        ("%", ["dan"]),
        ("nobody", []),
        ("ada nobody", []),
    ],
)
async def test_search_finds_by_name_email_telephone_number_and_ids(people, good, term, expected):
    """Whoever has exactly that id or e-mail address comes first, then the newest."""
    assert [one["id"] for one in await good("GET", "/search", params={"search_term": term})] == expected


async def test_search_finds_a_patient_of_the_care_dialect_by_the_id(create, good):
    made = await create(firstName="Ada", email=new_email())
    await create(firstName="Bea", externalId=made["id"])
    found = await good("GET", "/search", params={"search_term": made["id"]})
    assert made["id"] in [one["id"] for one in found]


async def test_search_shows_ten_unless_asked_for_more(create, good, ask):
    for _ in range(12):
        await create(lastName="Many")
    assert len(await good("GET", "/search", params={"search_term": "many"})) == 10
    assert len(await good("GET", "/search", params={"search_term": "many", "n": 100})) == 12
    assert len(await good("GET", "/search", params={"n": 3})) == 3
    for n in (0, 101, "x"):
        assert places(await ask("GET", "/search", params={"n": n})) == [["query", "n"]]


async def test_patients_by_ids_come_in_the_order_asked_for(people, elsewhere, good, ask):
    asked = ["cas", "old", "nobody", elsewhere.patient_id, "ada", "cas"]
    found = await good("GET", "/list", params={"patient_ids": asked})
    assert [(one["id"], one["isArchived"]) for one in found] == [("cas", False), ("old", True), ("ada", False)]
    assert await good("GET", "/list") == []
    assert places(await ask("GET", "/list", params={"patient_ids": ["x"] * 101})) == [["query", "patient_ids"]]


async def test_an_external_id_is_known_when_any_patient_has_it(people, good, ask):
    assert await good("GET", "/external-id-exists/crm-1") is True
    assert await good("GET", "/external-id-exists/crm-9") is True
    assert await good("GET", "/external-id-exists/crm") is False
    assert places(await ask("GET", "/external-id-exists/%00")) == [["path", "external_id"]]


async def test_lists_are_written_down_once_each(here, people, good, rows):
    for path in ("/table", "/ids", "/search", "/list?patient_ids=ada"):
        await good("GET", path)
    statement = "SELECT record_kind, reason FROM phi_reads WHERE organization_id = %s AND record_id = %s ORDER BY id"
    kinds = await rows(statement, here.organization_id)
    assert [kind for kind, _ in kinds] == ["patients"] * 4
    assert [reason for _, reason in kinds] == [
        "table of patients", "ids of patients", "search of patients", "patients by their ids",
    ]  # fmt: skip
