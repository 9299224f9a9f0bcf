"""How a list and a record of the catalog are shown, whatever kind it is of."""

from collections.abc import Mapping
from typing import Any

from litestar import Response

from carelane.console.catalog import views
from carelane.console.catalog.views import NOTES, ROWS, Kind, Row
from carelane.console.forms import Filled
from carelane.console.frame import page, with_query
from carelane.services import Services
from carelane.web.routes import ActorRequest


class Asked:
    """What a list was asked for."""

    def __init__(self, q: str | None, state: str | None, begin: str | None) -> None:
        self.q = views.word_of(q)
        self.state, self.is_active = views.shown_state(state)
        self.offset = views.offset_of(begin)


async def show_list(
    request: ActorRequest,
    services: Services,
    kind: Kind,
    asked: Asked,
    found: tuple[list[tuple[str, str]], list[Row], int],
) -> Response[Any]:
    """`found`: the columns between the name and the state, the rows, and how many there are in all."""
    columns, rows, total = found
    address = {"q": asked.q or None, "state": asked.state if asked.state != "active" else None}
    end = asked.offset + ROWS
    values = {
        "kind": kind,
        "sections": views.sections(request.auth, kind),
        "states": views.states(kind, asked.state, asked.q),
        "asked": asked,
        "columns": columns,
        "found": rows,
        "total": total,
        "may_change": request.auth.may(kind.changes),
        "back": with_query(kind.path, **address) if asked.offset else None,
        "onward": with_query(kind.path, **address, **{"from": end}) if total > end else None,
    }
    return await page(request, services, "catalog/list.html", values, here="catalog", notes=NOTES)


async def show_record(
    request: ActorRequest,
    services: Services,
    kind: Kind,
    form: Filled,
    values: Mapping[str, object],
    *,
    record: tuple[str, str] | None = None,
    changes: list[tuple[str, str, str]] | None = None,
) -> Response[Any]:
    """`record`: its id and its name; None for one that is not made yet."""
    shown = {
        "kind": kind,
        "sections": views.sections(request.auth, kind),
        "record": record,
        "may_change": request.auth.may(kind.changes),
        "changes": changes or [],
        **values,
    }
    return await page(request, services, f"catalog/{kind.place}.html", shown, here="catalog", form=form, notes=NOTES)
