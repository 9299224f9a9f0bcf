"""What is sold at the counter without a cart, and what staff change of what is owed: beside whatever patients pay meanwhile."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.payments.models.machine import Paying, amounts

MOST_SOLD = 4
numbers = st.integers(0, 1_000)
changes = st.integers(-250_000, 250_000).filter(bool)


class Sold:
    """The plain model: what is owed, and how it ended."""

    def __init__(self, charge_id: str, total: int) -> None:
        self.charge_id = charge_id
        self.total = self.owed = total
        self.written_off = 0
        self.is_written_off = self.is_void = self.is_archived = False

    def answer_to(self, amount: int) -> int:
        if self.is_archived:
            return 404
        if self.is_void:
            return 409
        return 200 if self.owed + amount >= 0 else 422

    @property
    def status(self) -> str:
        if self.is_void:
            return "VOID"
        if self.owed:
            return "OUTSTANDING"
        return "WRITE_OFF" if self.is_written_off else "PAID"


class Counter(Paying):
    """Nothing of what is sold here is paid."""

    def __init__(self) -> None:
        super().__init__()
        self.sold: list[Sold] = []

    @precondition(lambda self: len(self.sold) < MOST_SOLD)
    @rule(
        prices=st.lists(st.tuples(st.integers(0, 3), amounts), min_size=1, max_size=4),
        percentage=st.sampled_from([0, 12.5, 33.5, 100]),
        off=st.sampled_from([0, 0, 1, 999]),
        wrong=st.sampled_from([0, 0, 0, 1, -1]),
    )
    def sell_at_the_counter(self, prices: list[tuple[int, int]], percentage: float, off: int, wrong: int) -> None:
        clinic = self.stand.till.clinic
        subtotal = sum(quantity * price for quantity, price in prices)
        by_percentage = (Decimal(subtotal) * Decimal(str(percentage)) / 100).quantize(Decimal(1), ROUND_HALF_UP)
        total = max(subtotal - int(by_percentage) - off, 0)
        lines = [
            {"quantity": quantity, "price": price} | ({"itemId": clinic.item_id} if n % 2 else {"name": "Taxi"})
            for n, (quantity, price) in enumerate(prices)
        ]
        body = {
            "patientId": clinic.patient_id, "totalOutstanding": total + wrong, "items": lines,
            "discountPercentage": percentage, "discountAmount": off,
        }  # fmt: skip
        answer = self.stand.post("/billing/payment-terminal/charge/create", clinic.billing, body)
        assert answer.status_code == (422 if wrong else 200), answer.text
        if not wrong:
            assert answer.json()["total"] == total
            self.sold.append(Sold(answer.json()["id"], total))
        self.agree_all(is_told=False)

    @precondition(lambda self: self.sold)
    @rule(number=numbers, amount=changes)
    def adjust(self, number: int, amount: int) -> None:
        sold = self.sold[number % len(self.sold)]
        body = {"chargeId": sold.charge_id, "amount": amount, "reason": "Counted again"}
        answer = self.stand.post("/billing/adjustment/create", self.stand.till.clinic.billing, body)
        assert answer.status_code == sold.answer_to(amount), answer.text
        sold.owed += amount if answer.status_code == 200 else 0
        self.agree_all(is_told=False)

    @precondition(lambda self: self.sold)
    @rule(number=numbers)
    def write_off(self, number: int) -> None:
        sold = self.sold[number % len(self.sold)]
        body = {"chargeId": sold.charge_id, "reason": "Moved away"}
        answer = self.stand.post("/billing/write-off/create", self.stand.till.clinic.billing, body)
        is_possible = sold.owed > 0 and not sold.is_written_off and not sold.is_void
        assert answer.status_code == (200 if is_possible else 404 if sold.is_archived else 409), answer.text
        if is_possible:
            sold.written_off, sold.owed, sold.is_written_off = sold.owed, 0, True
        self.agree_all(is_told=False)

    @precondition(lambda self: self.sold)
    @rule(number=numbers)
    def void(self, number: int) -> None:
        sold = self.sold[number % len(self.sold)]
        path, headers = f"/api/staff/charges/{sold.charge_id}/void", self.stand.till.manager.headers
        answer = self.stand.post(path, headers, {"reason": "Made twice"})
        assert answer.status_code == (404 if sold.is_archived else 409 if sold.is_void else 200), answer.text
        sold.owed, sold.written_off, sold.is_void = 0, 0, True
        self.agree_all(is_told=False)

    @precondition(lambda self: self.sold)
    @rule(number=numbers)
    def archive(self, number: int) -> None:
        sold = self.sold[number % len(self.sold)]
        path, headers = f"/billing/charge/{sold.charge_id}", self.stand.till.clinic.billing
        answer = self.stand.wait(self.stand.till.http.delete(path, headers=headers))
        assert answer.status_code == (404 if sold.is_archived else 200), answer.text
        sold.owed, sold.written_off, sold.is_void, sold.is_archived = 0, 0, True, True
        self.agree_all(is_told=False)

    def agree_all(self, *, is_told: bool) -> None:
        super().agree_all(is_told=is_told)
        for sold in self.sold:
            self.agree_on(sold)

    def beside(self, code: str) -> int:
        return sum(sold.written_off for sold in self.sold) if code == "write-offs" else 0

    def agree_on(self, sold: Sold) -> None:
        path, headers = f"/billing/charge/get/{sold.charge_id}", self.stand.till.clinic.billing
        answer: Any = self.stand.wait(self.stand.till.http.get(path, headers=headers))
        if sold.is_archived:
            assert answer.status_code == 404, answer.text
            return
        shown = answer.json()
        assert (shown["status"], shown["total"], shown["totalOutstanding"]) == (sold.status, sold.total, sold.owed), (
            shown
        )
