"""Every page and every form of the console, found in the routes, with what the generated tests need to know of each.

A new route fails these tests until it has its line here; a line whose route is gone fails, too. Parameters of a path are taken from
the world of the same name (`tests/console/world.py`).
"""

from collections.abc import Iterator
from functools import cache
from typing import Any, get_args

import pytest

from carelane.app import create_litestar
from carelane.permissions import OF_ROLE, Role
from carelane.settings import Settings
from tests.console.examples import audit, billing, care, catalog, mails, reports, settings
from tests.console.examples.shapes import FormExample, PageExample

ROLES: tuple[Role, ...] = get_args(Role)
# Not pages: what anybody may have.
NO_PAGES = {"/console/assets/{version:str}/{name:str}"}

_PARTS = (care, catalog, mails, reports, settings, audit, billing)
PAGES: dict[str, PageExample] = {path: one for part in _PARTS for path, one in part.PAGES.items()}
FORMS: dict[str, FormExample] = {path: one for part in _PARTS for path, one in part.FORMS.items()}


@cache
def found_routes() -> frozenset[tuple[str, str]]:
    """Methods and paths of the console, as the program has them."""
    app = create_litestar(Settings(), None)
    return frozenset(
        (method, route.path_format)
        for route in app.routes
        if route.path.startswith("/console") and route.path not in NO_PAGES
        for method in getattr(route, "methods", ())
        if method in {"GET", "POST"}
    )


def may(role: Role, example: PageExample | FormExample) -> bool:
    return example.is_open or example.needs is None or example.needs in OF_ROLE[role]


def every_page(*kinds: str) -> list[Any]:
    return [pytest.param(path, id=path) for path, page in PAGES.items() if not kinds or page.kind in kinds]


def every_form() -> list[Any]:
    return [pytest.param(path, id=path) for path in FORMS]


def missing_lines() -> Iterator[str]:
    known = {("GET", path) for path in PAGES} | {("POST", path) for path in FORMS}
    table = {"GET": "PAGES", "POST": "FORMS"}
    for method, path in sorted(found_routes() - known):
        yield f"{method} {path} has no line in {table[method]} of tests/console/examples/: give it an example"
    for method, path in sorted(known - found_routes()):
        yield f"{method} {path} is in {table[method]} of tests/console/examples/, but is no route: take the line out"
