"""One world for the scenarios; each test brings its own case."""

from collections.abc import Iterator

import pytest

from tests.scenarios.world import World, running_world


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with running_world(tmp_path_factory.mktemp("world")) as made:
        yield made
