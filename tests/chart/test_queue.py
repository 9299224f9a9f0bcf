"""Red flags on the rows of the queue: as many as the page of each case shows."""

import re

import pytest
import pytest_asyncio

from carelane.sessions.access import COOKIE
from tests.chart.people import FORM, products
from tests.console.world import sign_in
from tests.detail.asking import create_case
from tests.factories.cases import case_body
from tests.own_clinic import make_clinic

QUEUE = "/console/queue"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def cove(services, tmp_path_factory):
    return await make_clinic(services, tmp_path_factory.mktemp("cove"), parts={"forms": [FORM], "bundles": []})


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def amara(services, cove):
    return await sign_in(services, cove, "CASEWORKER")


@pytest.fixture
def page(client, amara):
    async def get(path):
        answer = await client.get(path, cookies={COOKIE.name: amara.token})
        assert answer.status_code == 200, answer.text[:500]
        return answer.text

    return get


@pytest.fixture
def new_case(client, cove):
    async def make(**answers):
        return str(
            await create_case(client, cove, case_body(cove.product_id, products=products(cove.product_id, **answers)))
        )

    return make


def flags_of(rows):
    """What the tag of each row says, by case."""
    parts = re.split(r'data-row="([^"]+)"', rows)[1:]
    found = {
        case_id: re.search(r"(\d+) red flags?<", row) for case_id, row in zip(parts[::2], parts[1::2], strict=True)
    }
    return {case_id: int(tag[1]) if tag else 0 for case_id, tag in found.items()}


@pytest.mark.parametrize("path", [QUEUE, f"{QUEUE}/rows"])
async def test_a_row_says_how_many_red_flags_its_case_has(page, new_case, path):
    both = await new_case(pain=True, nausea="Most weeks")
    one = await new_case(pain="after pizza")
    none = await new_case(pain="No")
    rows = await page(path)
    shown = flags_of(rows)
    assert (shown[both], shown[one], shown[none]) == (2, 1, 0)
    assert "2 red flags<" in rows
    assert "1 red flag<" in rows


async def test_it_is_the_number_that_the_page_of_the_case_shows(page, new_case):
    # The same question twice is one flag, an option that is chosen among others counts, and so does a yes in words.
    wordings = [{"pain": "y", "nausea": "Most weeks"}, {"nausea": '["Never","Most weeks"]'}, {"pain": "N/A"}]
    case_ids = [await new_case(**answers) for answers in wordings]
    shown = flags_of(await page(QUEUE))
    on_pages = [(await page(f"/console/cases/{case_id}")).count('<div class="flag problem">') for case_id in case_ids]
    assert [shown[case_id] for case_id in case_ids] == on_pages == [2, 1, 0]


async def test_flags_are_those_of_the_clinic_of_the_case(client, services, tmp_path, page, new_case, amara):
    await new_case(pain=True)
    other = await make_clinic(services, tmp_path)
    theirs = await create_case(
        client, other, case_body(other.product_id, products=products(other.product_id, pain=True))
    )
    stranger = await sign_in(services, other, "CASEWORKER")
    answer = await client.get(QUEUE, cookies={COOKIE.name: stranger.token})
    assert flags_of(answer.text) == {str(theirs): 0}
    assert str(theirs) not in await page(QUEUE)
