"""docs/coverage.md says of every known path of both vendors whether it is answered."""

import re

import httpx
import pytest

from carelane.app import create_litestar
from carelane.settings import read_settings
from tests.contract import the_document
from tests.docs.coverage_page import announced_by, coverage_page, nameless, operations_of, vendor_paths
from tests.docs.pages import DOCS, check_printed


@pytest.fixture(scope="module")
def app():
    return create_litestar(read_settings({}), None)


def test_the_page_says_what_is_answered(app):
    check_printed(DOCS / "coverage.md", coverage_page(app, the_document()))


def test_no_path_is_listed_twice():
    listed = [(path.method, nameless(path.path)) for path in vendor_paths()]
    assert len(listed) == len(set(listed))


async def test_what_the_page_says_is_what_a_caller_sees(server, clinic, app):
    answered, announced = operations_of(app), announced_by(the_document())
    async with httpx.AsyncClient(base_url=server.url, timeout=30) as plain:
        for path in vendor_paths():
            url, missing = re.sub("[{}]", "", path.path), path.mark(answered, announced) == "✗"
            # Who has no credential is told so before a record is looked for, so that 404 and 405 mean: no such route.
            response = await plain.request(path.method, url, headers=clinic.key | clinic.billing if missing else {})
            assert (response.status_code in (404, 405, 501)) == missing, f"{path.method} {url}: {response.text}"
