"""`/control`: what tests and integrators tell and ask the simulator. JSON, without a key; it is for loopback."""

from collections.abc import Awaitable, Callable
from typing import Any, Literal, TypeVar

import msgspec
from aiohttp import web

from carelane.payments.gateways.simulator import balance, disputes, events, faults, intents
from carelane.payments.gateways.simulator.accounts import Account, Request, Settings, World
from carelane.payments.gateways.simulator.answering import Api
from carelane.payments.gateways.simulator.errors import ApiError
from carelane.payments.gateways.simulator.intent_bodies import NewIntent
from carelane.payments.gateways.simulator.operations import OPERATIONS
from carelane.payments.gateways.simulator.webhooks import Endpoint
from carelane.payments.gateways.simulator.wire import Object

PREFIX = "/control"
Kind = TypeVar("Kind", bound=msgspec.Struct)
Handler = Callable[[web.Request], Awaitable[web.Response]]


class Advance(msgspec.Struct, forbid_unknown_fields=True):
    seconds: int


class Settle(msgspec.Struct, forbid_unknown_fields=True):
    """Without an id: all that waits."""

    id: str | None = None


class CloseDispute(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    outcome: Literal["won", "lost"]


class Deliver(msgspec.Struct, forbid_unknown_fields=True):
    """The events, in this order, withheld or not; without ids all that are withheld."""

    ids: list[str] | None = None


class NewPayment(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    amount: int
    currency: str = "usd"
    metadata: dict[str, str] = {}


class NewPayments(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Made as if they had been paid, without an event: for measuring with very many."""

    key: str
    payments: list[NewPayment]


class Keys(msgspec.Struct, forbid_unknown_fields=True):
    """Keys that are no longer good."""

    refused: list[str]


class Control:
    def __init__(self, world: World, api: Api) -> None:
        self._world = world
        self._api = api

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get(f"{PREFIX}/objects/{{kind}}", self._told(self.objects)),
            web.get(f"{PREFIX}/calls", self._told(lambda _: {"calls": dict(self._world.calls)})),
            web.get(
                f"{PREFIX}/faults", self._told(lambda _: {"planned": self._world.planned, "faults": faults.table()})
            ),
            web.get(f"{PREFIX}/webhooks", self._told(lambda _: self.shown_webhooks())),
            web.get(f"{PREFIX}/clock", self._told(lambda _: {"now": self._world.now()})),
            web.post(f"{PREFIX}/faults", self._taking(faults.Planned, self.plan)),
            web.delete(f"{PREFIX}/faults", self._told(lambda _: self.forget_plans())),
            web.post(f"{PREFIX}/clock", self._taking(Advance, self.advance)),
            web.post(f"{PREFIX}/settle", self._taking(Settle, self.settle)),
            web.post(f"{PREFIX}/disputes", self._taking(disputes.NewDispute, self.dispute)),
            web.post(f"{PREFIX}/disputes/close", self._taking(CloseDispute, self.close_dispute)),
            web.post(f"{PREFIX}/payments", self._taking(NewPayments, self.put_payments)),
            web.post(f"{PREFIX}/payouts", self._taking(balance.NewPayout, self.pay_out)),
            web.post(f"{PREFIX}/webhooks", self._taking(Endpoint, self.register)),
            web.delete(f"{PREFIX}/webhooks", self._told(self.unregister)),
            web.post(f"{PREFIX}/deliver", self._taking(Deliver, self.deliver)),
            web.post(f"{PREFIX}/keys", self._taking(Keys, self.refuse_keys)),
            web.post(f"{PREFIX}/idempotency/forget", self._told(lambda _: self.forget_keys())),
            web.post(f"{PREFIX}/reset", self._told(lambda _: self.reset())),
            web.post(f"{PREFIX}/settings", self._settings),
        ]

    def objects(self, http: web.Request) -> Any:
        """Of all accounts, or of the one of `?key=`, the oldest first."""
        kind, key = http.match_info["kind"], http.query.get("key")
        accounts = [one for one in self._world.accounts.values() if key in {None, one.key}]
        return {"objects": [found for one in accounts for found in one.all(kind)]}

    def shown_webhooks(self) -> Any:
        webhooks = self._world.webhooks
        return {
            "endpoints": webhooks.endpoints,
            "withheld": [{"id": one.id, "type": one.type} for one in webhooks.withheld],
        }

    def plan(self, planned: faults.Planned) -> Any:
        known = {operation.name for operation in OPERATIONS} | {"*"}
        if planned.fault not in faults.FAULTS or planned.operation not in known:
            raise ValueError(
                f"expected a fault ({', '.join(faults.FAULTS)}) and an operation ({', '.join(sorted(known))})"
            )
        self._world.planned.append(planned)
        return {"planned": self._world.planned}

    def forget_plans(self) -> Any:
        self._world.planned.clear()
        return {}

    def advance(self, wanted: Advance) -> Any:
        if wanted.seconds < 0:
            raise ValueError("expected seconds to go forward")
        self._world.advance(wanted.seconds)
        for account in self._world.accounts.values():
            account.request = Request()
            intents.expire_all(account)
        return {"now": self._world.now()}

    def settle(self, wanted: Settle) -> Any:
        if wanted.id is None:
            self._world.later.settle_all()
        elif not self._world.later.settle(wanted.id):
            raise ValueError(f"nothing waits to become of {wanted.id}")
        return {}

    def dispute(self, wanted: disputes.NewDispute) -> Any:
        account, found = self._find(wanted.payment)
        charge = account.find(found["latest_charge"]) if found["object"] == "payment_intent" else found
        if charge is None or charge["object"] != "charge":
            raise ValueError("expected a payment intent with a charge, or a charge")
        return disputes.open_dispute(account, charge, wanted.reason, wanted.amount, is_inquiry=wanted.is_inquiry)

    def close_dispute(self, wanted: CloseDispute) -> Any:
        account, found = self._find(wanted.id)
        return disputes.close(account, found, wanted.outcome)

    def put_payments(self, wanted: NewPayments) -> Any:
        account = self._world.account(wanted.key)
        account.request, account.is_silent = Request(), True
        try:
            made = [intents.create(account, _intent_of(one), "") for one in wanted.payments]
        finally:
            account.is_silent = False
        return {"payments": [{"id": one["id"], "latest_charge": one["latest_charge"]} for one in made]}

    def pay_out(self, wanted: balance.NewPayout) -> Any:
        account = self._world.account(wanted.key)
        account.request = Request()
        return balance.pay_out(account, wanted)

    def register(self, endpoint: Endpoint) -> Any:
        self._world.webhooks.endpoints.append(endpoint)
        return {"endpoints": self._world.webhooks.endpoints}

    def unregister(self, http: web.Request) -> Any:
        """All, or those of `?url=`."""
        endpoints, url = self._world.webhooks.endpoints, http.query.get("url")
        endpoints[:] = [one for one in endpoints if url not in {None, one.url}]
        return {"endpoints": endpoints}

    def deliver(self, wanted: Deliver) -> Any:
        webhooks = self._world.webhooks
        ids = [one.id for one in webhooks.withheld] if wanted.ids is None else wanted.ids
        for account, event in [self._find(one) for one in ids]:
            webhooks.send(events.message_of(account, event))
        webhooks.withheld[:] = [one for one in webhooks.withheld if one.id not in ids]
        return {"delivered": ids}

    def refuse_keys(self, wanted: Keys) -> Any:
        self._world.refused_keys = set(wanted.refused)
        return {"refused": wanted.refused}

    def forget_keys(self) -> Any:
        self._api.keys.forget_all()
        return {}

    def reset(self) -> Any:
        self._world.reset()
        self._api.keys.forget_all()
        return {}

    async def _settings(self, http: web.Request) -> web.Response:
        """Changes those that are given."""

        def change() -> Any:
            given = msgspec.json.decode(http_body or b"{}")
            settings = msgspec.convert({**msgspec.to_builtins(self._world.settings), **given}, Settings)
            self._world.settings = settings
            return settings

        http_body = await http.read()
        return _answer(change)

    def _find(self, object_id: str) -> tuple[Account, Object]:
        for account in self._world.accounts.values():
            found = account.find(object_id)
            if found is not None:
                account.request = Request()
                return account, found
        raise ValueError(f"there is no {object_id}")

    def _told(self, work: Callable[[web.Request], Any]) -> Handler:
        async def handle(http: web.Request) -> web.Response:
            return _answer(lambda: work(http))

        return handle

    def _taking(self, kind: type[Kind], work: Callable[[Kind], Any]) -> Handler:
        async def handle(http: web.Request) -> web.Response:
            body = await http.read()
            return _answer(lambda: work(msgspec.json.decode(body or b"{}", type=kind)))

        return handle


def routes(world: World, api: Api) -> list[web.RouteDef]:
    return Control(world, api).routes()


def _intent_of(one: NewPayment) -> NewIntent:
    return NewIntent(
        amount=one.amount,
        currency=one.currency,
        metadata=one.metadata,
        confirm=True,
        payment_method="pm_card_visa",
        payment_method_types=["card"],
        capture_method="automatic",
    )


def _answer(work: Callable[[], Any]) -> web.Response:
    """What `work` returns, or 400 with what is wrong."""
    try:
        body, status = work(), 200
    except (ValueError, TypeError, ApiError) as error:
        body, status = {"message": str(error)}, 400
    return web.Response(body=msgspec.json.encode(body), status=status, content_type="application/json")
