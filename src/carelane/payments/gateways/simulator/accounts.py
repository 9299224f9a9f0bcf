"""What the simulator knows: an account for each secret key, its objects, and one clock for all."""

import secrets
from collections import Counter
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from carelane.kit import clock
from carelane.payments.gateways.simulator.errors import missing
from carelane.payments.gateways.simulator.later import Later
from carelane.payments.gateways.simulator.wire import Object

if TYPE_CHECKING:
    from carelane.payments.gateways.simulator.cards import Card
    from carelane.payments.gateways.simulator.session_bodies import NewSession
    from carelane.payments.gateways.simulator.webhooks import Webhooks

API_VERSION = "2026-10-28.endive"


class Settings(msgspec.Struct, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """What `/control/settings` changes."""

    # Longer than the caller waits.
    slow_seconds: float = 30.0
    # Of delayed webhooks.
    delay_seconds: float = 3.0
    # Until a payment that is processing, or a refund that is pending, is done; 0: when `/control/settle` says so.
    settle_seconds: float = 1.0
    # Objects are found by `search` only after a while, by the simulator's clock; as Stripe warns, never read-after-write.
    search_lag_seconds: int = 60
    # Whether amounts that end in 666.NN mean faults.
    amount_faults: bool = True


class Request(msgspec.Struct, frozen=True):
    """The API call that is being answered, as events tell of it."""

    id: str | None = None
    idempotency_key: str | None = None
    operation: str = ""


class Account:
    """All objects of one secret key. Neither another key nor the other mode sees them."""

    def __init__(self, world: "World", key: str) -> None:
        self.world = world
        self.key = key
        self.is_live = "_live_" in key
        self.request = Request()
        # While payments are put in by the thousand.
        self.is_silent = False
        # Of payment methods: the card behind each, those whose owner the bank knows by now, those used up without a customer.
        self.cards: dict[str, Card] = {}
        self.authenticated: set[str] = set()
        self.spent: set[str] = set()
        # Which balance transactions went out with which payout.
        self.paid_out: dict[str, str] = {}
        # What Checkout sessions were asked to do when they are paid.
        self.session_plans: dict[str, NewSession] = {}
        self.used_faults: Counter[tuple[str, str]] = Counter()
        self._objects: dict[str, list[Object]] = {}
        self._positions: dict[str, tuple[str, int]] = {}

    def add(self, found: Object) -> Object:
        kind = str(found["object"])
        kept = self._objects.setdefault(kind, [])
        self._positions[str(found["id"])] = (kind, len(kept))
        kept.append(found)
        return found

    def get(self, kind: str, object_id: str, param: str) -> Object:
        """Raises ApiError."""
        found = self.find(object_id)
        if found is None or found["object"] != kind:
            raise missing(kind, object_id, param, self._hint(kind, object_id))
        return found

    def find(self, object_id: str) -> Object | None:
        place = self._positions.get(object_id)
        return self._objects[place[0]][place[1]] if place else None

    def all(self, kind: str) -> list[Object]:
        """Oldest first."""
        return self._objects.get(kind, [])

    def newest_first(self, kind: str, below: str | None = None) -> Iterator[Object]:
        """From the newest, or from the one before `below`."""
        kept = self.all(kind)
        position = self._positions[below][1] if below else len(kept)
        return (kept[number] for number in range(position - 1, -1, -1))

    def oldest_first(self, kind: str, above: str) -> Iterator[Object]:
        kept = self.all(kind)
        return (kept[number] for number in range(self._positions[above][1] + 1, len(kept)))

    def now(self) -> int:
        return self.world.now()

    def later(self, object_id: str, work: Callable[[], None]) -> None:
        """Done by itself after `settle_seconds`: no call has asked for it."""

        def quietly() -> None:
            self.request = Request()
            work()

        self.world.later.plan(object_id, self.world.settings.settle_seconds, quietly)

    def counts(self) -> dict[str, int]:
        return {kind: len(kept) for kind, kept in self._objects.items()}

    def _hint(self, kind: str, object_id: str) -> str:
        for other in self.world.accounts.values():
            if other.is_live != self.is_live and (found := other.find(object_id)) and found["object"] == kind:
                there, here = ("live", "test") if other.is_live else ("test", "live")
                return (
                    f"; a similar object exists in {there} mode, but a {here} mode key was used to make this request."
                )
        return ""


class World:
    """Everything that the simulator remembers."""

    def __init__(self, webhooks: "Webhooks", settings: Settings) -> None:
        self.webhooks = webhooks
        self.settings = settings
        self.accounts: dict[str, Account] = {}
        self.refused_keys: set[str] = set()
        self.calls: Counter[str] = Counter()
        self.planned: list[Any] = []
        self.later = Later()
        self._first_settings = msgspec.structs.replace(settings)
        self._ahead_seconds = 0

    def account(self, key: str) -> Account:
        found = self.accounts.get(key)
        if found is None:
            found = self.accounts[key] = Account(self, key)
        return found

    def now(self) -> int:
        """In seconds, as Stripe's times are."""
        return int(clock.now().timestamp()) + self._ahead_seconds

    def advance(self, seconds: int) -> None:
        """Whatever waits for a moment of its own is done by then."""
        self._ahead_seconds += seconds
        self.later.settle_all()

    def reset(self) -> None:
        """As it was started, but for the clock, which never goes back, and the webhooks' addresses."""
        self.accounts.clear()
        self.refused_keys.clear()
        self.calls.clear()
        self.planned.clear()
        self.later.forget_all()
        self.webhooks.forget_messages()
        self.settings = msgspec.structs.replace(self._first_settings)


def new_id(prefix: str) -> str:
    return f"{prefix}_{secrets.token_hex(12)}"


def new_client_secret(object_id: str) -> str:
    return f"{object_id}_secret_{secrets.token_hex(12)}"
