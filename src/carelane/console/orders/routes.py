"""The board, callbacks without an order, and the pharmacies."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, cast, get_args

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import PathParameter

from carelane.console import frame
from carelane.console.filters import require_known
from carelane.console.forms import REFUSALS, Filled, Form, require_typed
from carelane.console.orders import views
from carelane.console.orders.states import COLUMNS, JUDGED, NOTES
from carelane.console.wording import capped
from carelane.kit.errors import FieldProblem, InvalidRequestError
from carelane.orders.board import reads
from carelane.orders.board.schemas import BoardQuery, Column
from carelane.orders.errors import CallbackJudgedError
from carelane.orders.inbox.actions import dismiss_callback, match_callback
from carelane.orders.inbox.reads import get_callback, list_callback_details
from carelane.orders.inbox.schemas import DismissIn, MatchIn
from carelane.permissions import CASES_READ, ORDERS_WORK
from carelane.services import Services
from carelane.web.html.pages import see_other
from carelane.web.html.routes import PageRoutes
from carelane.web.routes import ActorRequest

routes = PageRoutes()

PATH = views.PATH
CALLBACKS_PATH = f"{PATH}/callbacks"
# On the board, and on the page of one column.
_EACH = 4
_ROWS = 30
_CALLBACKS = 10
# In the address, and as the board calls them.
_FILTERS = {"pharmacy": "pharmacyId", "state": "state", "tests": "isTest"}
CallbackId = Annotated[str, PathParameter(description="UUID of the callback")]


@routes.get(PATH)
async def get_orders(request: ActorRequest, services: NamedDependency[Services]) -> Response[Any]:
    """Orders by what happens next; with a state in the address, all of that state."""
    asked = _asked(request)
    choices = await reads.list_choices(services, request.auth)
    values = {
        **await _load(request, services),
        "asked": asked,
        "pharmacies": choices,
        "states": views.state_choices(),
        "src": views.address(asked, f"{PATH}/board", after=request.query_params.get("after")),
    }
    return await frame.page(request, services, "orders/orders.html", values, here="orders", notes=NOTES)


@routes.get(f"{PATH}/board")
async def get_board(request: ActorRequest, services: NamedDependency[Services]) -> Response[Any]:
    """The part of it that is asked for again."""
    return await frame.region(request, services, "orders/board.html", lambda: _load(request, services))


@routes.get(f"{PATH}/pharmacies")
async def get_pharmacies(request: ActorRequest, services: NamedDependency[Services]) -> Response[Any]:
    """How each answers."""
    found = await reads.list_pharmacies(services, request.auth)
    values = {
        "pharmacies": found.pharmacies,
        "state": views.pharmacy_state,
        "answer": views.last_answer,
        "capped": capped,
    }
    return await frame.page(request, services, "orders/pharmacies.html", values, here="orders")


@routes.get(CALLBACKS_PATH + "/{callback_id:str}")
async def get_callback_page(
    request: ActorRequest, services: NamedDependency[Services], callback_id: CallbackId
) -> Response[Any]:
    """What the message says, and the orders it may be about."""
    return await _show_callback(request, services, callback_id, None)


@routes.post(CALLBACKS_PATH + "/{callback_id:str}/match")
async def match(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form], callback_id: CallbackId
) -> Response[Any]:
    """Lets the message act on the order that is chosen."""
    try:
        require_typed(form, "word", "match", str.casefold)
        body = form.read(MatchIn, orderId=form.get("otherId").strip() or form.get("orderId"))
        done = await match_callback(services, request.auth, callback_id, body)
    except (*REFUSALS, CallbackJudgedError) as error:
        return await _show_callback(request, services, callback_id, form.refused(error))
    return see_other(frame.with_query(f"{PATH}/{done.order_id}", done="matched"))


@routes.post(CALLBACKS_PATH + "/{callback_id:str}/dismiss")
async def dismiss(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form], callback_id: CallbackId
) -> Response[Any]:
    """Lays it aside; the reason stays with it."""
    try:
        require_typed(form, "dismissWord", "dismiss", str.casefold)
        await dismiss_callback(services, request.auth, callback_id, form.read(DismissIn), form.key(request))
    except (*REFUSALS, CallbackJudgedError) as error:
        return await _show_callback(request, services, callback_id, form.refused(error))
    return see_other(frame.with_query(PATH, done="dismissed"))


def _asked(request: ActorRequest) -> dict[str, str]:
    """The filters in the address. Raises InvalidRequestError for one that there is not, or a state."""
    require_known(request, _FILTERS)
    asked = {name: request.query_params.get(name, "").strip() for name in _FILTERS}
    if asked["state"] and asked["state"] not in get_args(Column):
        said = f"expected one of {', '.join(get_args(Column))}"
        raise InvalidRequestError(problems=[FieldProblem("state", said, where="query")])
    return asked


def _query(asked: dict[str, str], after: str | None) -> BoardQuery:
    """Raises InvalidRequestError, with the names that stand in the address."""
    query = BoardQuery(pharmacy_id=asked["pharmacy"], is_test=asked["tests"], after=after)
    try:
        query.filter()
    except InvalidRequestError as error:
        ours = {theirs: name for name, theirs in _FILTERS.items()}
        raise InvalidRequestError(
            problems=[
                FieldProblem(ours.get(problem.field, problem.field), problem.problem, "query")
                for problem in error.problems
            ]
        ) from None
    return query


async def _load(request: ActorRequest, services: Services) -> Mapping[str, object]:
    asked = _asked(request)
    after = request.query_params.get("after")
    query = _query(asked, after)
    shared: dict[str, object] = {
        "asked": asked,
        "address": views.address,
        "columns": COLUMNS,
        "capped": capped,
        "time_of": views.ticket_time,
        "failure": views.failure_of,
        "act_of": views.ticket_act,
        "shows_failure": views.in_column,
        "may_work": request.auth.may(ORDERS_WORK),
        "says": views.says,
    }
    if asked["state"]:
        column = await reads.get_column(services, request.auth, cast("Column", asked["state"]), query, _ROWS)
        onward = views.address(asked, after=str(column.next)) if column.next else None
        callbacks = await _callbacks(request, services) if asked["state"] == "ATTENTION" else []
        back = views.address(asked) if after else None
        return shared | {"column": column, "onward": onward, "back": back, "callbacks": callbacks}
    board = await reads.get_board(services, request.auth, query, _EACH)
    return shared | {
        "board": board,
        "under_way": views.under_way(board),
        "more": views.more_of,
        "callbacks": await _callbacks(request, services),
    }


async def _callbacks(request: ActorRequest, services: Services) -> Sequence[object]:
    """They need somebody, too; for whoever may read what they say."""
    if not request.auth.may(CASES_READ):
        return []
    return (await list_callback_details(services, request.auth, _CALLBACKS)).callbacks


async def _show_callback(
    request: ActorRequest, services: Services, callback_id: str, form: Filled | None
) -> Response[Any]:
    callback = await get_callback(services, request.auth, callback_id)
    values = {
        "callback": callback,
        "says": views.says(callback),
        "candidates": views.candidate_choices(callback),
        "may_work": request.auth.may(ORDERS_WORK),
        "judged": JUDGED,
    }
    return await frame.page(request, services, "orders/callback.html", values, here="orders", form=form)
