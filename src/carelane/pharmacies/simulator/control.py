"""`/_simulator`: what tests and integrators ask the simulator about itself. Unsigned; it is for loopback."""

from typing import Any
from uuid import UUID

import msgspec
from aiohttp import web

from carelane.pharmacies.simulator.http_dialect import path_id, report
from carelane.pharmacies.simulator.orders import Order, Pace
from carelane.pharmacies.simulator.pharmacy import Pharmacy
from carelane.pharmacies.simulator.scenarios import Story

PREFIX = "/_simulator"


class _Wanted(msgspec.Struct, rename="camel", frozen=True):
    """`is_silent`: it happens, and no callback tells of it."""

    story: Story
    is_silent: bool = False


def routes(pharmacy: Pharmacy) -> list[web.RouteDef]:
    async def list_orders(_: web.Request) -> web.Response:
        return _answer({"orders": [_shown(pharmacy, order) for order in pharmacy.book.orders]})

    async def get_order(request: web.Request) -> web.Response:
        external_id = path_id(request)
        orders = [{**_shown(pharmacy, order), "received": order.new.message} for order in pharmacy.book.of(external_id)]
        return _answer({"receivedCount": pharmacy.book.received[external_id], "orders": orders})

    async def go_on(request: web.Request) -> web.Response:
        return _go_on(pharmacy, path_id(request), await request.read())

    async def reset(_: web.Request) -> web.Response:
        pharmacy.reset()
        return _answer({})

    async def settings(request: web.Request) -> web.Response:
        return _set_pace(pharmacy, await request.read() or b"{}")

    return [
        web.get(f"{PREFIX}/orders", list_orders),
        web.get(f"{PREFIX}/orders/{{external_id}}", get_order),
        web.post(f"{PREFIX}/orders/{{external_id}}/story", go_on),
        web.post(f"{PREFIX}/reset", reset),
        web.post(f"{PREFIX}/settings", settings),
    ]


def _shown(pharmacy: Pharmacy, order: Order) -> dict[str, Any]:
    return {
        **report(order),
        "scenario": order.new.scenario,
        "dialect": order.new.dialect,
        "drugIds": order.new.drug_ids,
        "receivedCount": pharmacy.book.received[order.new.external_id],
        "callbacks": {"delivered": order.delivered_count, "failed": order.failed_count},
    }


def _go_on(pharmacy: Pharmacy, external_id: UUID, body: bytes) -> web.Response:
    order = pharmacy.book.first(external_id)
    if order is None:
        return _answer({"message": "No such order"}, 404)
    try:
        wanted = msgspec.json.decode(body, type=_Wanted)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return _answer({"message": str(error)}, 400)
    if not pharmacy.go_on(order, wanted.story, is_silent=wanted.is_silent):
        return _answer({"message": "The order has come to its end"}, 409)
    return _answer(_shown(pharmacy, order))


def _set_pace(pharmacy: Pharmacy, body: bytes) -> web.Response:
    try:
        given = msgspec.json.decode(body)
        pharmacy.set_pace(msgspec.convert({**msgspec.to_builtins(pharmacy.pace), **given}, Pace))
    except (msgspec.DecodeError, UnicodeDecodeError, msgspec.ValidationError, TypeError) as error:
        return _answer({"message": str(error)}, 400)
    return _answer(pharmacy.pace)


def _answer(body: Any, status: int = 200) -> web.Response:
    return web.Response(body=msgspec.json.encode(body), status=status, content_type="application/json")
