"""`/_simulator`: what tests and integrators ask the simulator about itself. Unsigned; it is for loopback."""

from typing import Any

import msgspec
from aiohttp import web

from carelane.pharmacies.simulator.http_dialect import path_id, report
from carelane.pharmacies.simulator.orders import Order, Pace
from carelane.pharmacies.simulator.pharmacy import Pharmacy

PREFIX = "/_simulator"


def routes(pharmacy: Pharmacy) -> list[web.RouteDef]:
    def shown(order: Order) -> dict[str, Any]:
        return {
            **report(order),
            "scenario": order.new.scenario,
            "dialect": order.new.dialect,
            "drugIds": order.new.drug_ids,
            "receivedCount": pharmacy.book.received[order.new.external_id],
            "callbacks": {"delivered": order.delivered_count, "failed": order.failed_count},
        }

    async def list_orders(_: web.Request) -> web.Response:
        return _answer({"orders": [shown(order) for order in pharmacy.book.orders]})

    async def get_order(request: web.Request) -> web.Response:
        external_id = path_id(request)
        orders = [{**shown(order), "received": order.new.message} for order in pharmacy.book.of(external_id)]
        return _answer({"receivedCount": pharmacy.book.received[external_id], "orders": orders})

    async def reset(_: web.Request) -> web.Response:
        pharmacy.reset()
        return _answer({})

    async def settings(request: web.Request) -> web.Response:
        try:
            given = msgspec.json.decode(await request.read() or b"{}")
            pharmacy.set_pace(msgspec.convert({**msgspec.to_builtins(pharmacy.pace), **given}, Pace))
        except (msgspec.DecodeError, msgspec.ValidationError, TypeError) as error:
            return _answer({"message": str(error)}, 400)
        return _answer(pharmacy.pace)

    return [
        web.get(f"{PREFIX}/orders", list_orders),
        web.get(f"{PREFIX}/orders/{{external_id}}", get_order),
        web.post(f"{PREFIX}/reset", reset),
        web.post(f"{PREFIX}/settings", settings),
    ]


def _answer(body: Any, status: int = 200) -> web.Response:
    return web.Response(body=msgspec.json.encode(body), status=status, content_type="application/json")
