"""A list that finds few rows one by one and many on its way finds the same both ways, however many there are."""

from collections.abc import AsyncIterator, Iterator
from uuid import UUID

import msgspec
import pytest
import pytest_asyncio

from carelane.cases.review.queue import queries as queue
from carelane.cases.review.queue.queries import Reader
from carelane.cases.review.queue.schemas import QueueFilters
from carelane.charges.lists import queries as charges
from carelane.charges.schemas import ChargeFilters
from carelane.kit.auth import system_actor
from carelane.patients.billing.search import queries as search
from carelane.patients.billing.search.schemas import PatientFilters
from carelane.patients.known import queries as known
from carelane.patients.users import queries as users
from carelane.services import Services, open_services
from carelane.settings import read_settings
from carelane.web.paging import Page
from carelane.webhooks.billing import queries as attempts
from carelane.webhooks.billing.schemas import AttemptFilters
from tests.grown import Grown, grown

READER = Reader(None)
MOST = 1_000
CLOSED = ("APPROVED", "REJECTED", "ABANDONED")


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Grown]:
    with grown(tmp_path_factory.mktemp("either")) as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def inner(clinic: Grown) -> AsyncIterator[Services]:
    settings = read_settings({}, data_dir=clinic.data_dir, database_url=clinic.database.application_url)
    async with open_services(settings) as opened:
        yield opened


def of(clinic: Grown) -> UUID:
    return clinic.caller.organization_id


@pytest.mark.parametrize("filters", [
    {"short_id": "GRO-"}, {"short_id": "gro-a"}, {"short_id": "GRO-A", "statuses": CLOSED}, {"short_id": "-"}, {"short_id": "NONE"},
    {"short_id": "GRO", "is_archived": True, "statuses": CLOSED}, {"short_id": "GRO-", "awaiting_patient": False},
])  # fmt: skip
async def test_the_queue_by_how_a_short_id_begins(clinic, inner, monkeypatch, filters):
    await same_in_the_queue(clinic, inner, monkeypatch, QueueFilters(**filters))


@pytest.mark.parametrize("statuses", [("OPEN", "ASSIGNED", "IN_PROGRESS", "NO_DECISION"), CLOSED])
async def test_the_queue_of_a_product(clinic, inner, monkeypatch, statuses):
    async with inner.db.reading(of(clinic)) as conn:
        cursor = await conn.execute(
            "SELECT product_id FROM case_products WHERE organization_id = %s LIMIT 20", (of(clinic),)
        )
        products = {row[0] for row in await cursor.fetchall()}
    for product in products:
        await same_in_the_queue(clinic, inner, monkeypatch, QueueFilters(product=product, statuses=statuses))


async def same_in_the_queue(clinic, inner, monkeypatch, filters):
    found = []
    for most_few in (0, 2_000):
        monkeypatch.setattr(queue, "MOST_FEW", most_few)
        async with inner.db.reading(of(clinic)) as conn:
            wanted = await queue.find_wanted(conn, of(clinic), filters, READER)
            page = await queue.list_cases(conn, of(clinic), wanted, MOST, None)
            after = await queue.find_position(conn, of(clinic), wanted, page[0].id) if page else None
            onward = await queue.list_cases(conn, of(clinic), wanted, 5, after) if after else []
            total = await queue.count_all(conn, of(clinic), filters, READER)
        assert [one.id for one in onward] == [one.id for one in page[1:6]]
        assert total == len(page)
        found.append([one.id for one in page])
    assert found[0] == found[1]


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("prefix", ["p", "p1", "one", "nobody"])
async def test_users_by_how_their_address_begins(clinic, inner, monkeypatch, prefix, order):
    prefix = clinic.known["email"][0].removesuffix("example") if prefix == "one" else prefix
    found = []
    for most_few in (0, 2_000):
        monkeypatch.setattr(users, "_MOST_FEW", most_few)
        async with inner.db.reading(of(clinic)) as conn:
            page = await users.list_users(conn, of(clinic), prefix, None, order, MOST)
            onward = await users.list_users(conn, of(clinic), prefix, page[0].id, order, 5) if page else []
        assert [one.id for one in onward] == [one.id for one in page[1:6]]
        found.append([one.id for one in page])
    assert found[0] == found[1]
    assert bool(found[0]) == (prefix != "nobody")


@pytest.mark.parametrize(
    ("sort_by", "direction"), [("created_date", "desc"), ("name", "asc"), ("name", "desc"), ("email", "desc")]
)
async def test_patients_with_a_tag(clinic, inner, monkeypatch, sort_by, direction):
    filters = PatientFilters(tag_ids=[UUID(clinic.known["tag_ids"][0])], sort_by=sort_by, direction=direction)
    found = []
    for most_few in (0, 2_000):
        monkeypatch.setattr(known, "MOST_BEGUN", most_few)
        async with inner.db.reading(of(clinic)) as conn:
            found.append(await search.list_ids(conn, of(clinic), filters, Page(MOST, 0)))
    assert found[0] == found[1] != []


async def test_an_old_patient_is_found_by_what_begins_with_it(clinic, inner, monkeypatch):
    """As in a clinic with more patients than are looked through."""
    monkeypatch.setattr(known, "MOST_SEEN", 3)
    async with inner.db.reading(of(clinic)) as conn:
        cursor = await conn.execute(
            "SELECT id, first_name, last_name, email, phone_e164, external_id, date_of_birth FROM patients "
            "WHERE organization_id = %s AND archived_at IS NULL AND external_id LIKE 'ext-%%' ORDER BY created_at LIMIT 1",
            (of(clinic),),
        )
        (row,) = await cursor.fetchall()
        for filters in (
            PatientFilters(name=row[2][:4].lower()),
            PatientFilters(name=f"{row[1]} {row[2]}".lower()),
            PatientFilters(email=row[3]),
            PatientFilters(phone_number=row[4][2:9]),
        ):
            assert str(row[0]) in await search.list_ids(conn, of(clinic), filters, Page(MOST, 0)), filters
        for words in ([row[1], row[2]], [row[2][:5]], [row[5]], [row[3][:4]], [row[6].isoformat(), row[2]]):
            listed = await search.list_found(conn, of(clinic), UUID(int=0), words, "", 100)
            assert row[0] in {one.id for one in listed}, words


@pytest.mark.parametrize("sort_by", ["name", "first_name", "last_name", "email", "date_of_birth", "external_id"])
async def test_whoever_has_no_value_comes_last_either_way(clinic, inner, sort_by):
    """Read from two ends of an index, the pages are the whole list."""
    for direction in ("asc", "desc"):
        filters = PatientFilters(sort_by=sort_by, direction=direction)
        async with inner.db.reading(of(clinic)) as conn:
            whole = await search.list_ids(conn, of(clinic), filters, Page(MOST, 0))
            pages = [
                one
                for offset in range(0, len(whole), 50)
                for one in await search.list_ids(conn, of(clinic), filters, Page(50, offset))
            ]
        assert pages == whole


async def test_a_listeners_alerts_are_looked_for_among_the_newest_of_the_days_asked_for(clinic, inner, monkeypatch):
    monkeypatch.setattr(attempts, "MOST_SEEN", 12)
    listener, delivered = UUID(clinic.known["webhook_id"][0]), AttemptFilters(is_delivered=True)

    async def listed(filters):
        async with inner.db.reading(of(clinic)) as conn:
            return await attempts.list_attempts(conn, of(clinic), listener, filters, Page(40, 0))

    newest = [one for one in await listed(AttemptFilters()) if one.delivered_at]
    found = await listed(delivered)
    # Some of the twelve may tell of what this listener has no word for.
    assert found == newest[: len(found)]
    assert 1 <= len(found) <= 12
    earlier = await listed(msgspec.structs.replace(delivered, created_before=found[-1].created_at))
    assert earlier
    assert earlier[0] == newest[len(found)]
    oldest = [one for one in await listed(AttemptFilters(sort_direction="asc")) if one.delivered_at]
    found = await listed(msgspec.structs.replace(delivered, sort_direction="asc"))
    assert found == oldest[: len(found)]
    assert 1 <= len(found) <= 12


async def test_charges_by_name_are_one_list_however_it_is_paged(clinic, inner):
    """Who has no name comes last, whichever way an index is read."""
    actor = system_actor(of(clinic))
    async with inner.db.transaction(actor) as conn, conn.transaction(force_rollback=True):
        nameless = await conn.execute(
            "UPDATE patients p SET last_name = NULL WHERE p.organization_id = %s AND p.id IN ("
            "SELECT c.patient_id FROM charges c WHERE c.organization_id = p.organization_id ORDER BY c.id LIMIT 3)",
            (of(clinic),),
        )
        wholes = {}
        for direction in ("asc", "desc"):
            by_name = ChargeFilters(sort_by="name", sort_direction=direction)
            wholes[direction] = [one.id for one in await charges.list_charges(conn, of(clinic), by_name, Page(MOST, 0))]
            pages = [
                one.id
                for offset in range(0, len(wholes[direction]), 2)
                for one in await charges.list_charges(conn, of(clinic), by_name, Page(2, offset))
            ]
            assert pages == wholes[direction]
    last = nameless.rowcount
    assert wholes["asc"][:-last] == wholes["desc"][:-last][::-1] != []
    assert wholes["asc"][-last:] == wholes["desc"][-last:][::-1]
