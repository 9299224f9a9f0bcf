"""The worker process: one loop for each kind of work. Any number of workers may run, on any number of machines."""

import asyncio
import signal
from collections.abc import Coroutine
from functools import partial
from typing import Any

import structlog
import uvloop

from carelane.bills.invoices import jobs as invoices
from carelane.cases.assignment.jobs import assignment_queue
from carelane.cases.review.grace.jobs import decision_queue
from carelane.kit import claims, logs
from carelane.kit.bell import Bell
from carelane.kit.claims import Queue
from carelane.messages.jobs import Hooks, message_queue
from carelane.messages.schemas import Kind
from carelane.orders.sending.jobs import order_queue
from carelane.payments.inbox.jobs import gateway_event_queue
from carelane.payments.intake.verify import verify_later
from carelane.payments.links import jobs as payment_links
from carelane.payments.moving.jobs import payment_queue
from carelane.payments.plans.jobs import plan_queue
from carelane.processes import dispatcher, queries, schedule
from carelane.processes.heartbeat import keep_beating
from carelane.quotes.sending import jobs as quote_sending
from carelane.services import Services, open_services
from carelane.sessions.links import jobs as staff_links
from carelane.settings import Settings
from carelane.webhooks.sending.jobs import delivery_queue

# What features do about their messages, by kind.
MESSAGE_HOOKS: dict[Kind, Hooks] = {
    "QUOTE_LINK": quote_sending.HOOKS,
    "PAYMENT_LINK": payment_links.HOOKS,
    "INVOICE_LINK": invoices.HOOKS,
    "STAFF_INVITATION": staff_links.HOOKS,
    "PASSWORD_RESET": staff_links.HOOKS,
}

log = structlog.get_logger()


def main(settings: Settings, heartbeat: int | None = None) -> None:
    """The whole process. `heartbeat` is where a supervisor listens, if there is one."""
    logs.configure("worker")
    uvloop.run(run(settings, heartbeat))


async def run(settings: Settings, heartbeat: int | None = None) -> None:
    """Works until SIGTERM or SIGINT; then what is in flight gets `settings.stop_seconds` to end."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with open_services(settings) as services:
        loops = [asyncio.create_task(loop) for loop in _loops(services)]
        if heartbeat is not None:
            loops.append(asyncio.create_task(keep_beating(heartbeat)))
        told = asyncio.create_task(stop.wait())
        ended, _ = await asyncio.wait([told, *loops], return_when=asyncio.FIRST_COMPLETED)
        for task in (told, *loops):
            task.cancel()
        await asyncio.gather(told, *loops, return_exceptions=True)
    if told not in ended:
        raise RuntimeError("a loop of the worker ended")
    log.info("worker_stopped")


def _loops(services: Services) -> list[Coroutine[Any, Any, None]]:
    """None of them ends by itself: each goes on when the database is back."""
    stop_seconds = services.settings.stop_seconds
    queues: list[Queue[Any]] = [
        assignment_queue(services),
        decision_queue(services),
        order_queue(services),
        payment_queue(services, verify_later),
        plan_queue(services),
        gateway_event_queue(services),
        delivery_queue(services),
        message_queue(services, MESSAGE_HOOKS),
        schedule.timed_queue(services),
    ]
    bell, dispatch_seconds = Bell(partial(_list_due, services)), services.settings.dispatch_seconds
    look_seconds = min(dispatch_seconds, *(queue.look_seconds for queue in queues))
    return [
        claims.repeat("bell", bell.look, look_seconds),
        claims.repeat("event", partial(dispatcher.dispatch, services), dispatch_seconds, bell),
        *(claims.run(queue, stop_seconds, bell) for queue in queues),
    ]


async def _list_due(services: Services) -> list[str]:
    async with services.db.across() as conn:
        return await queries.list_due_work(conn)
