"""One order and the forms on it."""

from typing import Annotated, Any

import msgspec
from litestar import Response
from litestar.di import NamedDependency
from litestar.params import PathParameter

from carelane.console import frame
from carelane.console.forms import REFUSALS, Filled, Form, require_typed
from carelane.console.orders import views
from carelane.console.orders.states import NOTES, STATES
from carelane.console.wording import place_of
from carelane.orders.board.reads import list_choices
from carelane.orders.contents.reads import get_contents
from carelane.orders.desk.actions import cancel_order, replace_order, send_order_again
from carelane.orders.desk.reads import explain_order, get_order
from carelane.orders.desk.schemas import CancelIn, ReplaceIn
from carelane.orders.errors import AlreadyReplacedError, OrderStateError, SimulatorSilentError
from carelane.orders.resolving.actions import resolve_order
from carelane.orders.resolving.schemas import ResolveOrderIn
from carelane.orders.stories.actions import tell_story
from carelane.orders.stories.schemas import StoryIn
from carelane.permissions import CASES_READ, ORDERS_WORK
from carelane.services import Services
from carelane.web.html.pages import see_other
from carelane.web.html.routes import PageRoutes
from carelane.web.routes import ActorRequest

routes = PageRoutes()

ONE = views.PATH + "/{order_id:str}"
OrderId = Annotated[str, PathParameter(description="UUID of the order")]
# Only US addresses are shipped to.
_ADDRESS = "shippingAddress."
_TOLD = (*REFUSALS, OrderStateError, AlreadyReplacedError)


@routes.get(ONE)
async def get_order_page(
    request: ActorRequest, services: NamedDependency[Services], order_id: OrderId
) -> Response[Any]:
    """Where it is and why; opening it is a recorded look at its case."""
    return await _show(request, services, order_id, None)


@routes.post(ONE + "/send")
async def send(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form], order_id: OrderId
) -> Response[Any]:
    """Sends it on its way again."""
    try:
        await send_order_again(services, request.auth, order_id)
    except _TOLD as error:
        return await _show(request, services, order_id, form.refused(error))
    return _done(order_id, "sent")


@routes.post(ONE + "/cancel")
async def cancel(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form], order_id: OrderId
) -> Response[Any]:
    """Ends it, or asks the pharmacy to."""
    try:
        require_typed(form, "cancelWord", "cancel", str.casefold)
        moved = await cancel_order(services, request.auth, order_id, form.read(CancelIn))
    except _TOLD as error:
        return await _show(request, services, order_id, form.refused(error))
    return _done(order_id, "canceled" if moved.status == "CANCELED" else "asked")


@routes.post(ONE + "/replace")
async def replace(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form], order_id: OrderId
) -> Response[Any]:
    """Places the same prescription once more, and shows the new order."""
    try:
        body = _replacement(form)
        new = await replace_order(services, request.auth, order_id, body)
    except _TOLD as error:
        return await _show(request, services, order_id, _renamed(form.refused(error), "reason", "replaceReason"))
    return _done(str(new.id), "replaced")


@routes.post(ONE + "/resolve")
async def resolve(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form], order_id: OrderId
) -> Response[Any]:
    """Writes down what happened. What a pharmacy did cannot be taken back, so a word is typed."""
    try:
        if form.get("happened") != "UNCHANGED":
            require_typed(form, "resolveWord", "resolve", str.casefold)
        await resolve_order(services, request.auth, order_id, form.read(ResolveOrderIn), form.key(request))
    except _TOLD as error:
        return await _show(request, services, order_id, form.refused(error))
    return _done(order_id, "resolved")


@routes.post(ONE + "/story")
async def story(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form], order_id: OrderId
) -> Response[Any]:
    """Tells the simulator how it goes on."""
    try:
        await tell_story(services, request.auth, order_id, form.read(StoryIn))
    except (*_TOLD, SimulatorSilentError) as error:
        return await _show(request, services, order_id, form.refused(error))
    return _done(order_id, "told")


def _replacement(form: Form) -> ReplaceIn:
    """Without an address unless one was typed. Raises InvalidRequestError."""
    fields, typed = form.fields, {name for name, texts in form.fields.items() if "".join(texts).strip()}
    more: dict[str, object] = {"reason": form.get("replaceReason")}
    if not any(name.startswith(_ADDRESS) for name in typed):
        fields = {name: texts for name, texts in fields.items() if not name.startswith(_ADDRESS)}
    else:
        fields = fields | {f"{_ADDRESS}country": ["US"]}
    return msgspec.structs.replace(form, fields=fields).read(ReplaceIn, **more)


def _done(order_id: str, done: str) -> Response[Any]:
    return see_other(frame.with_query(f"{views.PATH}/{order_id}", done=done))


def _renamed(form: Filled, name: str, shown: str) -> Filled:
    """Two forms of the page ask for a reason; each has its own field."""
    problems = {shown if field == name else field: text for field, text in form.problems.items()}
    return Filled(form.fields, problems, form.general, form.status, form.error)


async def _show(request: ActorRequest, services: Services, order_id: str, form: Filled | None) -> Response[Any]:
    order = await get_order(services, request.auth, order_id)
    why = await explain_order(services, request.auth, order_id)
    contents = await get_contents(services, request.auth, order_id) if request.auth.may(CASES_READ) else None
    ways = {move.how.split()[0] for move in why.who_can_move_it if move.who == "STAFF"}
    may_work = request.auth.may(ORDERS_WORK)
    values = {
        "order": order,
        "why": why,
        "contents": contents,
        "order_state": STATES[order.status],
        "sentence": views.sentence,
        "place_of": place_of,
        "lines": views.timeline(order, contents),
        "calls": views.calls(order, contents),
        "happened": views.happened_choices(order.status),
        "stories": views.story_choices(),
        "pharmacies": await list_choices(services, request.auth) if may_work and "replace" in ways else [],
        "can": ways if may_work else set(),
        "can_resolve": may_work and _wants_person(order, contents),
    }
    usual = form or Filled.of(pharmacyId=order.pharmacy_id)
    return await frame.page(request, services, "orders/order.html", values, here="orders", form=usual, notes=NOTES)


def _wants_person(order: Any, contents: Any) -> bool:
    if order.status == "NEEDS_ATTENTION":
        return True
    is_over = order.status == "REJECTED" or (order.status == "CANCELED" and order.failure is not None)
    return is_over and order.replaced_by_order_id is None and (contents is None or contents.resolved_at is None)
