"""Figures of some days. Who may not read cases, or payments, gets the others only."""

from typing import get_args

from carelane.figures import queries
from carelane.figures.schemas import FiguresOut, FiguresQuery
from carelane.figures.views import show
from carelane.kit import clock
from carelane.kit.auth import Actor
from carelane.orders.states import OrderStatus
from carelane.permissions import CASES_READ, ORDERS_READ, PAYMENTS_READ, requires
from carelane.services import Services


@requires(ORDERS_READ)
async def get_figures(services: Services, actor: Actor, query: FiguresQuery) -> FiguresOut:
    """Of a fortnight, unless asked otherwise. Raises InvalidRequestError."""
    span, organization_id = query.span(clock.now().date()), actor.organization_id
    kinds = ["CASES", "WAITS", "WORK"] if actor.may(CASES_READ) else []
    kinds += ["MONEY"] if actor.may(PAYMENTS_READ) else []
    async with services.db.reading(organization_id) as conn:
        made = await queries.list_days(conn, organization_id, span, kinds)
        products = {line.product_id for line in made.work if line.product_id}
        names = await queries.list_names(conn, organization_id, products, {line.staff_id for line in made.work})
        orders = await queries.count_orders(conn, organization_id, get_args(OrderStatus))
    return show(span, made, names, orders, sees_cases=actor.may(CASES_READ), sees_money=actor.may(PAYMENTS_READ))
