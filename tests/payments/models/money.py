"""The plain model of one payment's money: a few sums, and what each act does to them."""

from datetime import datetime, timedelta
from uuid import UUID

RETRIES = (timedelta(days=1), timedelta(days=2), timedelta(days=2))


class Money:
    """`captured`, `refunded`, `disputed` (not won) are the gateway's truth; `told` is what of it the server has heard."""

    def __init__(self, payment_id: UUID, amount: int) -> None:
        self.payment_id = payment_id
        self.amount = amount
        self.captured = self.refunded = self.disputed = 0
        self.dispute: tuple[str, str] | None = None
        self.granted: dict[str, int] = {}
        self.told = self.truth()

    def truth(self) -> tuple[int, int, int, bool]:
        return self.captured, self.refunded, self.disputed, self.is_disputed

    @property
    def is_disputed(self) -> bool:
        return self.dispute is not None and self.dispute[1] == "open"

    @property
    def left(self) -> int:
        return self.captured - self.refunded - self.disputed

    @property
    def told_left(self) -> int:
        captured, refunded, disputed, _ = self.told
        return captured - refunded - disputed

    @property
    def is_told_disputed(self) -> bool:
        return self.told[3]

    def hear(self) -> None:
        self.told = self.truth()

    def hear_intent(self) -> None:
        """What the intent itself shows: of a dispute that is known, not how it ended."""
        if not self.is_told_disputed:
            self.hear()
        else:
            self.told = (self.captured, self.refunded, self.told[2], True)

    def worked(self, now: datetime, says: str | None) -> None:
        """What the worker does is heard at once."""

    @property
    def status(self) -> str:
        """The dialect's word for what the server has heard, of money that was taken."""
        captured, refunded, disputed, is_open = self.told
        if is_open:
            return "IN_DISPUTE"
        if disputed:
            return "LOST_DISPUTE"
        if captured and refunded >= captured:
            return "REFUND"
        return "PAID" if captured >= self.amount else "UNPAID"


class CaseMoney(Money):
    """A case's payment: how it was promised, what was decided, and how often the card said no."""

    def __init__(self, payment_id: UUID, amount: int) -> None:
        super().__init__(payment_id, amount)
        self.hold_ends: datetime | None = None
        self.decision: str | None = None
        self.wanted: str | None = None
        self.wanted_at: datetime | None = None
        self.is_archived = False
        self.decline: str | None = None
        self.declined_at: datetime | None = None
        self.tries = 0
        self.stage = "WAITING"
        self.left_for: str | None = None

    def want(self, wanted: str | None, now: datetime) -> None:
        self.wanted, self.wanted_at = wanted, now
        if wanted == "RETURN":
            self.left_for = None

    def decide(self, outcome: str, now: datetime) -> None:
        self.decision = outcome
        captured, refunded, _, _ = self.told
        is_gone = self.wanted is None and 0 < captured <= refunded
        self.want("TAKE" if outcome == "APPROVED" else "RETURN", now)
        if is_gone and outcome == "APPROVED":
            self.left_for = "REFUNDED"

    def close(self, now: datetime) -> None:
        self.is_archived = True
        if self.decision != "APPROVED" or self.captured < self.amount:
            self.want("RETURN", now)

    def reopen(self, now: datetime) -> None:
        self.is_archived = False
        if self.decision == "REJECTED" or self.wanted != "RETURN":
            return
        self.want("TAKE" if self.decision == "APPROVED" else None, now)
        self.left_for = "REFUNDED" if self.refunded else None
        # The intent that waited for the patient was made an end of: the card is charged anew.
        self.decline = None if self.decline == "PATIENT" else self.decline

    def give_card(self) -> None:
        self.decline, self.tries = None, 0

    def worked(self, now: datetime, says: str | None) -> None:
        before = self.truth()
        self.work(now, says)
        if self.truth() != before:
            self.hear()

    @property
    def status(self) -> str:
        is_canceled = self.wanted == "RETURN" and not self.captured
        return "CANCELED" if is_canceled else super().status

    def work(self, now: datetime, says: str | None) -> bool:
        """What the worker does until nothing is due; `says`: what the card says when it is charged. Whether it was charged."""
        if self.left_for == "REFUNDED":
            self.stage = "NEEDS_STAFF"
            return False
        if self.wanted == "RETURN":
            self.hold_ends = self.left_for = None
            self.refunded += self.left if not self.is_disputed else 0
            self.stage = "DONE"
            return False
        if self.captured:
            self.stage = "DONE" if self.wanted == "TAKE" else "WAITING"
            return False
        if self.wanted is None:
            if self.hold_ends is not None and now >= self.hold_ends - timedelta(hours=6):
                self.hold_ends = None
            self.stage = "WAITING"
            return False
        if self.hold_ends is not None:
            self.captured, self.hold_ends, self.stage = self.amount, None, "DONE"
            return False
        return self._charge(now, says)

    def _charge(self, now: datetime, says: str | None) -> bool:
        assert self.wanted_at is not None
        if self.left_for or now >= self.wanted_at + timedelta(days=7):
            self.stage, self.left_for = "NEEDS_STAFF", "TOO_LONG"
            return False
        if self.decline in {"HARD", "PATIENT"} or (self.decline == "SOFT" and self.tries > len(RETRIES)):
            self.stage = "NEEDS_PATIENT" if self.decline == "PATIENT" else "NEEDS_CARD"
            return False
        if self.decline == "SOFT":
            assert self.declined_at is not None
            if now < self.declined_at + RETRIES[self.tries - 1]:
                self.stage = "DUE"
                return False
        if says is None:
            self.captured, self.decline, self.stage = self.amount, None, "DONE"
            return True
        self.decline, self.declined_at = says, now
        self.tries += says == "SOFT"
        may_try = says == "SOFT" and self.tries <= len(RETRIES)
        self.stage = "NEEDS_PATIENT" if says == "PATIENT" else "DUE" if may_try else "NEEDS_CARD"
        return True
