"""The pharmacy itself: takes orders in either dialect, runs their scenarios, cancels them."""

import asyncio
from collections.abc import Callable

import msgspec

from carelane.pharmacies.simulator.callbacks import Caller, Message
from carelane.pharmacies.simulator.orders import Book, NewOrder, Order, Pace
from carelane.pharmacies.simulator.scenarios import Story, repetitions, run, tell_story

# Tries that the scenarios `5xx` and `busy` refuse before they take the order.
REFUSED_TRIES = 2

# Writes down an order as it is now, as a message of its dialect.
Writer = Callable[[Order], Message]


class RefusedError(Exception):
    """A NewRx that is not taken. `status` is the HTTP status to say so with."""

    def __init__(self, status: int, text: str) -> None:
        self.status = status
        super().__init__(text)


class Pharmacy:
    def __init__(self, secret: bytes, pace: Pace, writers: dict[str, Writer]) -> None:
        self.secret = secret
        self.pace = pace
        self.book = Book()
        self._first_pace = pace
        self._writers = writers
        self._caller = Caller(secret)
        self._lives: dict[str, asyncio.Task[None]] = {}

    async def take(self, new: NewOrder) -> Order:
        """One more order, whether there is one of this id or not. Raises RefusedError. May be slow on purpose."""
        self.book.received[new.external_id] += 1
        is_early = self.book.received[new.external_id] <= REFUSED_TRIES
        if new.scenario == "5xx" and is_early:
            raise RefusedError(500, "The simulator was told to fail")
        if new.scenario == "busy" and is_early:
            raise RefusedError(429, "The simulator was told to be busy")
        order = self.book.write(new)
        if new.scenario == "reject":
            order.reject()
            raise RefusedError(422, str(order.reason))
        self._begin(order)
        if new.scenario == "slow":
            await asyncio.sleep(self.pace.slow_seconds)
        return order

    def cancel(self, order: Order, reason: str) -> bool:
        """False when it is too late; then the order stays as it is."""
        if order.status not in {"SENT", "ACCEPTED", "CANCELED"}:
            return False
        self._end(order)
        order.status, order.reason = "CANCELED", reason
        return True

    def go_on(self, order: Order, story: Story, *, is_silent: bool) -> bool:
        """Leaves the order's scenario for this story. False when the order has come to its end."""
        if order.status in {"DELIVERED", "REJECTED", "CANCELED"}:
            return False
        self._end(order)
        if story == "REST":
            # Whatever it was told to do at first: from now on it behaves well.
            fields = order.new.custom_fields | {"scenario": "accept"}
            order.new = msgspec.structs.replace(order.new, custom_fields=fields)
            self._begin(order)
            return True
        tell_story(order, story)
        if not is_silent:
            self._tell(order)
        return True

    def set_pace(self, pace: Pace) -> None:
        self.pace = pace

    def reset(self) -> None:
        """No orders, no waiting messages, and the pace that it was started with."""
        self._stop_all()
        self.book.clear()
        self.pace = self._first_pace

    async def close(self) -> None:
        self._stop_all()
        await self._caller.close()

    def _begin(self, order: Order) -> None:
        task = asyncio.create_task(run(order, self.pace, self._tell, self._hold_back))
        self._lives[order.number] = task
        task.add_done_callback(lambda ended: self._forget(order, ended))

    def _forget(self, order: Order, ended: asyncio.Task[None]) -> None:
        """Unless it goes on in another task by now."""
        if self._lives.get(order.number) is ended:
            del self._lives[order.number]

    def _tell(self, order: Order) -> None:
        self._hold_back(order)()

    def _hold_back(self, order: Order) -> Callable[[], None]:
        message = self._writers[order.new.dialect](order)

        def send() -> None:
            for _ in range(repetitions(order)):
                self._caller.send_later(order, message)

        return send

    def _end(self, order: Order) -> None:
        task = self._lives.get(order.number)
        if task is not None:
            task.cancel()

    def _stop_all(self) -> None:
        for task in list(self._lives.values()):
            task.cancel()
        self._caller.forget_all()
