"""`/console`"""

from typing import Any

from litestar import Response
from litestar.di import NamedDependency

from carelane.cases.review.queue import reads as queue
from carelane.cases.review.queue.schemas import QueueCount, QueueEntryOut, QueueQuery
from carelane.console import frame, times
from carelane.console.amounts import spoken
from carelane.console.cases.states import payment_state
from carelane.console.home import views
from carelane.console.home.charts import views as charts
from carelane.console.home.views import FAILING, Number
from carelane.console.queue.views import bands, due, midnight, person
from carelane.figures.reads import get_figures
from carelane.figures.schemas import USUAL_DAYS, FiguresOut, FiguresQuery
from carelane.kit.auth import Actor
from carelane.orders.board.reads import count_attention
from carelane.orders.inbox.reads import count_inbox
from carelane.payments.desk.reads import count_failed, list_failed
from carelane.permissions import CASES_DECIDE, CASES_READ, ORDERS_READ, PAYMENTS_READ, WEBHOOKS_MANAGE
from carelane.services import Services
from carelane.web.html.routes import PageRoutes
from carelane.web.routes import ActorRequest
from carelane.webhooks.endpoints.reads import list_failing

routes = PageRoutes()

_NEXT_UP = "5"
_UNCOUNTED = QueueCount(total=0, late=0, hour=0, today=0)
_MOST_FAILED = 50


@routes.get("/console")
async def get_home(request: ActorRequest, services: NamedDependency[Services]) -> Response[str]:
    """Today: what needs whoever looks, and how the last days went."""
    actor = request.auth
    figures = await get_figures(services, actor, FiguresQuery())
    attention = await count_attention(services, actor)
    mine = await _mine(services, actor) if actor.may(CASES_DECIDE) else None
    values = {
        "today": times.long_day(times.this_day()),
        "numbers": await _numbers(services, actor, attention, mine[1] if mine else None),
        # Each with how much time is left, as the queue says it.
        "next_up": [(band, case) for band in bands(mine[0], _UNCOUNTED) for case in band.cases] if mine else None,
        "may_decide": actor.may(CASES_DECIDE),
        "person": person,
        "due": due,
        **_charts(figures),
    }
    counted: dict[frame.Place, int] = {"orders": attention}
    return await frame.page(request, services, "home/home.html", values, here="home", counted=counted)


@routes.get(FAILING)
async def get_failing(request: ActorRequest, services: NamedDependency[Services]) -> Response[Any]:
    """Webhooks whose receivers do not answer, and payments that go on when somebody acts."""
    actor = request.auth
    webhooks = await list_failing(services, actor) if actor.may(WEBHOOKS_MANAGE) else None
    payments = await list_failed(services, actor, _MOST_FAILED)
    values = {
        "webhooks": webhooks,
        "payments": payments,
        "state": payment_state,
        "spoken": spoken,
        "most": _MOST_FAILED,
    }
    return await frame.page(request, services, "home/failing.html", values, here="home")


async def _mine(services: Services, actor: Actor) -> tuple[list[QueueEntryOut], QueueCount]:
    listed, count = await queue.list_and_count(
        services, actor, QueueQuery(assigned_to="me", limit=_NEXT_UP), midnight()
    )
    return listed.cases, count


async def _numbers(services: Services, actor: Actor, attention: int, mine: QueueCount | None) -> list[Number]:
    """Only those whose lists the reader may see."""
    numbers = [views.of_mine(mine)] if mine else []
    if actor.may(CASES_READ):
        numbers += views.of_cases(await queue.count_free_and_asked(services, actor), actor)
    if actor.may(ORDERS_READ):
        callbacks = await count_inbox(services, actor) if actor.may(CASES_READ) else 0
        numbers.append(views.of_orders(attention, callbacks))
    if actor.may(PAYMENTS_READ):
        webhooks = len(await list_failing(services, actor)) if actor.may(WEBHOOKS_MANAGE) else None
        numbers.append(views.of_failing(webhooks, await count_failed(services, actor)))
    return numbers


def _charts(figures: FiguresOut) -> dict[str, object]:
    sees_cases = figures.work is not None
    money = [charts.money(one.currency, one.amounts) for one in figures.money or []]
    return {
        "cases": charts.cases(figures.days) if sees_cases else None,
        "waits": charts.waits(figures.days) if sees_cases else None,
        "work": charts.work(figures.work or []) if sees_cases else None,
        "orders": charts.orders(figures.orders),
        "sees_money": figures.money is not None,
        "money": [one for one in money if not one.is_empty],
        "made_at": figures.made_at,
        "days": USUAL_DAYS,
    }
