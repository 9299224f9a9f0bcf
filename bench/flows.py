"""What the worker does: orders, webhooks, and a backlog of them. Measured beside what bounds it, and printed."""

from pathlib import Path
from statistics import mean

import msgspec

from bench import balances, charges, deliveries, following, load, orders, outside, reconciling, verification
from bench.balances import Balances
from bench.charges import Charges
from bench.deliveries import Backlog, Rate, describe
from bench.following import Following
from bench.orders import Orders, Turn
from bench.reconciling import Reconciled
from bench.verification import Verification

NAMES = (
    "cases and worker",
    "orders",
    "webhooks",
    "backlog",
    charges.NAME,
    verification.NAME,
    reconciling.NAME,
    balances.NAME,
)


class Flows(msgspec.Struct, kw_only=True):
    following: Following | None = None
    orders: Orders | None = None
    rates: list[Rate] = []
    backlog: Backlog | None = None
    charges: Charges | None = None
    reconciled: Reconciled | None = None
    verification: Verification | None = None
    balances: Balances | None = None


def wanted(only: str) -> list[str]:
    return [name for name in NAMES if only in name]


def measure(folder: Path, seconds: float, only: str) -> Flows:
    """On servers of their own, with their worker, the simulator and a receiver. Nothing is started when nothing is wanted."""
    measured, names = Flows(), wanted(only)
    if "cases and worker" in names and load.ensure_wrk():
        with outside.running(folder / "following") as here:
            measured.following = following.measure(here, folder, seconds)
    _measure_money(measured, folder, names)
    if not {"orders", "webhooks", "backlog"} & set(names):
        return measured
    with outside.running(folder / "flows") as here:
        if "orders" in names:
            measured.orders = orders.measure(here, folder)
        if "webhooks" in names:
            measured.rates = [deliveries.measure_rate(here, payload) for payload in ("EVENT_ONLY", "FULL_CASE")]
        if "backlog" in names:
            measured.backlog = deliveries.measure_backlog(here)
    return measured


def _measure_money(measured: Flows, folder: Path, names: list[str]) -> None:
    if charges.NAME in names:
        measured.charges = charges.measure(folder / "charges")
    if verification.NAME in names:
        measured.verification = verification.measure(folder / "verification")
    if reconciling.NAME in names:
        measured.reconciled = reconciling.measure(folder)
    if balances.NAME in names:
        measured.balances = balances.measure(folder / "balances")


def lines(flows: Flows) -> list[str]:
    printed = following.lines(flows.following) if flows.following else []
    printed += _orders(flows.orders) if flows.orders else []
    for rate in flows.rates:
        printed += _rate(rate)
    printed += _backlog(flows.backlog) if flows.backlog else []
    printed += charges.lines(flows.charges) if flows.charges else []
    printed += verification.lines(flows.verification) if flows.verification else []
    printed += reconciling.lines(flows.reconciled) if flows.reconciled else []
    return printed + (balances.lines(flows.balances) if flows.balances else [])


def _orders(measured: Orders) -> list[str]:
    pdfs, commits = mean(measured.pdfs_per_second), mean(measured.commits_per_second)
    per_second = mean(turn.per_second for turn in measured.turns)
    turns = [line for turn in measured.turns for line in _turn(turn)]
    return [
        f"orders to ACCEPTED, with PDF and webhook: {per_second:.1f}/s (wanted: ≥ {orders.WANTED_PER_SECOND:.0f})",
        *turns,
        f"  one core makes {_each(measured.pdfs_per_second)} prescription PDFs/s: a share of {per_second / pdfs:.2f}",
        f"  pgbench commits one row {_each(measured.commits_per_second)} times/s: a share of {per_second / commits:.4f}",
    ]


def _turn(turn: Turn) -> list[str]:
    return [
        f"  {turn.count} orders: {turn.per_second:.1f}/s; requests took {turn.placed_seconds:.1f} s, ACCEPTED "
        f"{turn.seconds:.1f} s, all documents and webhooks {turn.settled_seconds:.1f} s",
        f"    CPU ms an order to ACCEPTED: {_cpu(turn.cpu_milliseconds)}",
        f"    CPU ms an order to the end:  {_cpu(turn.settled_cpu_milliseconds)}",
    ]


def _rate(rate: Rate) -> list[str]:
    share = mean(rate.per_second) / mean(rate.posts_per_second)
    return [
        f"webhook deliveries, {rate.payload}, {rate.body_bytes:,} bytes: {_each(rate.per_second)}/s; a client that only "
        f"posts them: {_each(rate.posts_per_second)}/s; a share of {share:.3f}",
        f"    CPU ms a delivery: {_cpu(rate.cpu_milliseconds)}",
    ]


def _backlog(measured: Backlog) -> list[str]:
    if measured.left:
        drain = f"{measured.drained:,} in {measured.drain_seconds:.0f} s; at that pace all take {measured.whole_seconds:.0f} s"
    else:
        drain = f"all in {measured.drain_seconds:.0f} s"
    return [
        f"backlog of {measured.count:,} deliveries of another endpoint: {measured.per_second:.0f}/s, {drain}",
        f"    new events, from event to delivery, alone:  {describe(measured.delays_alone)}",
        f"    new events, beside the backlog:             {describe(measured.delays_beside)}",
        f"    ratio of the means: {measured.ratio:.2f} (wanted: < {deliveries.WANTED_RATIO})",
    ]


def _each(values: list[float]) -> str:
    return " and ".join(f"{value:,.0f}" for value in values)


def _cpu(milliseconds: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:.1f}" for name, value in milliseconds.items() if value >= 0.05)
