"""One desk for all tests of this folder, and the one of another clinic."""

import pytest

from tests.desk.counter import Counter, open_counter


@pytest.fixture(scope="module")
async def counter(client, services, tmp_path_factory) -> Counter:
    return await open_counter(client, services, tmp_path_factory.mktemp("counter"))


@pytest.fixture(scope="module")
async def elsewhere(client, services, tmp_path_factory) -> Counter:
    """The desk of a clinic that must see nothing of the first."""
    return await open_counter(client, services, tmp_path_factory.mktemp("elsewhere"))
