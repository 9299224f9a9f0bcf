"""The pages of every kind of record in the catalog: its list, and the forms that make one and change one.

A kind says in its own `routes.py` what is its own:

    keep(routes, Keeper(kind=DRUGS, list_records=list_drugs, body=DrugIn, …))
"""

from collections.abc import Mapping
from typing import Annotated, Any

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from carelane.catalog.desk.reads import get_parts
from carelane.console.catalog import views
from carelane.console.catalog.access import require_changes
from carelane.console.catalog.schemas import BodyT, FoundT, Keeper, Listing, RecordT
from carelane.console.catalog.views import NOTES, ROWS, Kind
from carelane.console.forms import REFUSALS, Filled, Form
from carelane.console.frame import page, with_query
from carelane.console.meanwhile import differences, shown_again
from carelane.services import Services
from carelane.web.html.pages import see_other
from carelane.web.html.routes import PageRoutes
from carelane.web.paging import Wanted
from carelane.web.routes import ActorRequest

Word = Annotated[str | None, QueryParameter(name="q", description="A part of the name")]
State = Annotated[str | None, QueryParameter(name="state", description="active, archived or all")]
Begin = Annotated[str | None, QueryParameter(name="from", description="How many are left out")]


def keep(routes: PageRoutes, keeper: Keeper[FoundT, RecordT, BodyT]) -> None:
    """All its pages."""
    add_list(routes, keeper)
    _add_new(routes, keeper)
    _add_one(routes, keeper)


def add_list(routes: PageRoutes, listing: Listing[FoundT, RecordT]) -> None:
    kind = listing.kind

    @routes.get(kind.path)
    async def get_list(
        request: ActorRequest,
        services: NamedDependency[Services],
        q: Word = None,
        which: State = None,
        begin: Begin = None,
    ) -> Response[Any]:
        """In the order of the alphabet."""
        word, (state, is_active), offset = views.word_of(q), views.shown_state(which), views.offset_of(begin)
        wanted = Wanted(q=word or None, is_active=is_active, limit=ROWS, offset=offset)
        found = await listing.list_records(services, request.auth, wanted)
        address = {"q": word or None, "state": state if state != "active" else None}
        end = offset + ROWS
        values = {
            "kind": kind,
            "sections": views.sections(request.auth, kind),
            "states": views.states(kind, state, word),
            "asked": {"q": word, "state": state},
            "columns": listing.columns(),
            "found": [listing.row(one) for one in listing.records(found)],
            "total": found.total,
            "may_change": request.auth.may(kind.changes),
            "back": with_query(kind.path, **address) if offset else None,
            "onward": with_query(kind.path, **address, **{"from": end}) if found.total > end else None,
        }
        return await page(request, services, "catalog/list.html", values, here="catalog", notes=NOTES)


def _add_new(routes: PageRoutes, keeper: Keeper[FoundT, RecordT, BodyT]) -> None:
    kind = keeper.kind

    @routes.get(f"{kind.path}/new")
    async def get_new(request: ActorRequest, services: NamedDependency[Services]) -> Response[Any]:
        """An empty form."""
        require_changes(request.auth, kind)
        return await _show(request, services, keeper, None, Filled.of(**keeper.begins_with))

    @routes.post(f"{kind.path}/new/make")
    async def make(
        request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form]
    ) -> Response[Any]:
        """As it was filled in."""
        require_changes(request.auth, kind)
        try:
            await keeper.create_record(services, request.auth, _body(keeper, form, None), form.key(request))
        except REFUSALS as error:
            return await _show(request, services, keeper, None, form.refused(error))
        return see_other(with_query(kind.path, done="made"))


def _add_one(routes: PageRoutes, keeper: Keeper[FoundT, RecordT, BodyT]) -> None:
    kind = keeper.kind
    path = f"{kind.path}/{{{keeper.ref}:str}}"

    @routes.get(path)
    async def get_one(request: ActorRequest, services: NamedDependency[Services]) -> Response[Any]:
        """As it stands."""
        record = await keeper.get_record(services, request.auth, request.path_params[keeper.ref])
        return await _show(request, services, keeper, record, keeper.form_of(record, Filled()))

    @routes.post(f"{path}/change")
    async def change(
        request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form]
    ) -> Response[Any]:
        """As a whole."""
        require_changes(request.auth, kind)
        ref = request.path_params[keeper.ref]
        record = await keeper.get_record(services, request.auth, ref)
        try:
            await keeper.change_record(services, request.auth, ref, _body(keeper, form, record), form.key(request))
        except REFUSALS as error:
            again = shown_again(form, error, keeper.form_of(record, form), keeper.names)
            return await _show(request, services, keeper, record, again)
        return see_other(with_query(kind.path, done="changed"))


def _body(keeper: Keeper[FoundT, RecordT, BodyT], form: Form, record: RecordT | None) -> BodyT:
    return form.read(keeper.body, **views.ticked(form, *keeper.boxes), **keeper.more(form, record))


async def _show(
    request: ActorRequest,
    services: Services,
    keeper: Keeper[FoundT, RecordT, BodyT],
    record: RecordT | None,
    form: Filled,
) -> Response[Any]:
    stands = keeper.form_of(record, form) if record else Filled()
    values: Mapping[str, object] = {}
    parts = None
    if keeper.values:
        parts = await get_parts(services, request.auth, views.ids_in((form, stands), *keeper.picks))
        values = keeper.values(record, form, parts)
    changes = differences(form, stands, keeper.names, parts)
    row = keeper.row(record) if record else None
    named = (row.id, row.name) if row else None
    return await show_record(request, services, keeper.kind, form, values, record=named, changes=changes)


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
