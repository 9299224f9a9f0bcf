"""An installation on which no server runs."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from carelane.kit.embedded_postgres import EmbeddedPostgres
from tests.server import prepared


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = prepared(tmp_path_factory.mktemp("prepared") / "data")
    server = EmbeddedPostgres(folder)
    server.start()
    yield folder
    server.stop()
