"""What is paid at the desk in cash and from credit, given back and archived, beside whatever else happens to the same patient's money."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.payments.models.machine import Paying, amounts, shares

MOST = 3
numbers = st.integers(0, 1_000)


class Owed:
    """`lines`: what each costs that did not go back yet, by its id."""

    def __init__(self, row: dict[str, Any], items: list[dict[str, Any]]) -> None:
        self.row = row
        self.owed = row["total"]
        self.lines = {one["id"]: one["price"] for one in items}


class Credit:
    """In the order in which they came. `of`: the payment that brought it."""

    def __init__(self, cents: int, of: "Paid | None" = None) -> None:
        self.left = cents
        self.of = of


class Paid:
    """The plain model of a payment: what of it stands against its charge, and what it took of which credit."""

    def __init__(self, payment_id: str, charge: Owed, cents: int) -> None:
        self.payment_id = payment_id
        self.charge = charge
        self.applied = self.left = cents
        self.taken: list[tuple[Credit, int]] = []
        self.is_from_credit = self.was_refunded = False
        self.brought = 0


class Desk(Paying):
    def __init__(self) -> None:
        super().__init__()
        self.owing: list[Owed] = []
        self.credits: list[Credit] = []
        self.made: list[Paid] = []

    @rule(cents=amounts)
    def grant_credit(self, cents: int) -> None:
        answer = self.post(f"/user/patient/{self.patient}/credit", {"amount": cents})
        assert answer.status_code == 200, answer.text
        self.credits.append(Credit(cents))
        self.agree_at_desk()

    @precondition(lambda self: len(self.owing) < MOST)
    @rule(prices=st.lists(amounts, min_size=1, max_size=3))
    def sell_at_desk(self, prices: list[int]) -> None:
        items = [{"name": "Visit", "quantity": 1, "price": price} for price in prices]
        body = {"patientId": self.patient, "totalOutstanding": sum(prices), "items": items}
        answer = self.post("/billing/payment-terminal/charge/create", body)
        assert answer.status_code == 200, answer.text
        row = {name: answer.json()[name] for name in ("id", "total", "totalOutstanding", "status", "createdDate")}
        self.owing.append(Owed(row | {"patient": {"id": self.patient}}, answer.json()["items"]))

    @precondition(lambda self: self.owing)
    @rule(number=numbers, share=shares, over=st.sampled_from([0, 0, 7, 333]))
    def pay_in_cash(self, number: int, share: int, over: int) -> None:
        charge = self.owing[number % len(self.owing)]
        part = charge.owed if over else -(-charge.owed * share // 100)
        body = charge.row | {"totalOutstanding": max(part + over, 1)}
        answer = self.post(f"/billing/payment/cash/create?credit_overpayment_amount={over}", body)
        assert answer.status_code == (200 if charge.owed else 409), answer.text
        if charge.owed:
            paid = Paid(answer.json()["id"], charge, part)
            charge.owed -= part
            if over:
                paid.brought = over
                self.credits.append(Credit(over, paid))
            self.made.append(paid)
        self.agree_at_desk()

    @precondition(lambda self: self.owing)
    @rule(number=numbers, share=shares)
    def pay_from_credit(self, number: int, share: int) -> None:
        charge = self.owing[number % len(self.owing)]
        part = max(-(-charge.owed * share // 100), 1)
        answer = self.post("/billing/payment/patient-credit/create", charge.row | {"totalOutstanding": part})
        is_possible = charge.owed > 0 and self.available >= part
        assert answer.status_code == (200 if is_possible else 409), answer.text
        if is_possible:
            paid = Paid(answer.json()["id"], charge, part)
            paid.is_from_credit = True
            charge.owed -= part
            self.spend(paid, part)
            self.made.append(paid)
        self.agree_at_desk()

    @precondition(lambda self: self.made)
    @rule(number=numbers, share=shares, is_to_credit=st.booleans())
    def give_back_at_desk(self, number: int, share: int, is_to_credit: bool) -> None:
        paid = self.made[number % len(self.made)]
        brought = [one for one in self.credits if one.of is paid and not (is_to_credit or paid.is_from_credit)]
        most = paid.left + sum(one.left for one in brought)
        cents = max(most * share // 100, 1)
        body = {
            "paymentId": paid.payment_id,
            "providerId": self.stand.till.clinic.creator_id,
            "amount": cents,
            "reason": "OTHER",
        }
        more = {"destination": "PATIENT_CREDIT"} if is_to_credit else {}
        answer = self.post("/billing/payment/refund", body | more)
        assert answer.status_code == (200 if most else 409), answer.text
        if most:
            paid.was_refunded = True
            self.give_back(paid, cents, brought, is_to_credit=is_to_credit)
        self.agree_at_desk()

    @precondition(lambda self: any(paid.charge.lines for paid in self.made))
    @rule(number=numbers, count=st.integers(1, 3), is_to_credit=st.booleans())
    def give_lines_back_at_desk(self, number: int, count: int, is_to_credit: bool) -> None:
        """Each goes back once, as far as the payment paid for it; a charge may have several payments."""
        with_lines = [paid for paid in self.made if paid.charge.lines]
        paid = with_lines[number % len(with_lines)]
        lines = list(paid.charge.lines)[:count]
        cents = sum(paid.charge.lines[one] for one in lines)
        body = {
            "paymentId": paid.payment_id,
            "providerId": self.stand.till.clinic.creator_id,
            "items": [{"id": one} for one in lines],
            "reason": "OTHER",
        }
        more = {"destination": "PATIENT_CREDIT"} if is_to_credit else {}
        answer = self.post("/billing/payment/refund", body | more)
        if cents > paid.left:
            assert answer.status_code in {409, 422}, answer.text
        else:
            assert (answer.status_code, answer.json()["amount"]) == (200, cents), answer.text
            paid.was_refunded = True
            paid.charge.lines = {one: price for one, price in paid.charge.lines.items() if one not in lines}
            self.give_back(paid, cents, [], is_to_credit=is_to_credit)
            again = self.post("/billing/payment/refund", body | more)
            assert again.status_code in {409, 422}, again.text
        self.agree_at_desk()

    @precondition(lambda self: self.made)
    @rule(number=numbers)
    def archive_at_desk(self, number: int) -> None:
        paid = self.made[number % len(self.made)]
        brought = sum(one.left for one in self.credits if one.of is paid)
        headers = self.stand.till.clinic.billing
        answer = self.stand.wait(self.stand.till.http.delete(f"/billing/payment/{paid.payment_id}", headers=headers))
        is_possible = not paid.was_refunded and brought == paid.brought
        assert answer.status_code == (200 if is_possible else 409), answer.text
        if is_possible:
            paid.charge.owed += paid.left
            for credit, cents in paid.taken:
                credit.left += cents
            self.credits = [one for one in self.credits if one.of is not paid]
            self.made.remove(paid)
        self.agree_at_desk()

    # ------------------------------------------------------------ the model

    @property
    def patient(self) -> str:
        return self.stand.till.clinic.patient_id

    @property
    def available(self) -> int:
        return sum(one.left for one in self.credits)

    def spend(self, paid: Paid, cents: int) -> None:
        for credit in self.credits:
            part = min(credit.left, cents)
            cents -= part
            credit.left -= part
            if part:
                paid.taken.append((credit, part))

    def give_back(self, paid: Paid, cents: int, brought: list[Credit], *, is_to_credit: bool) -> None:
        for credit in brought:
            part = min(credit.left, cents)
            credit.left -= part
            cents -= part
        paid.left -= cents
        if not paid.is_from_credit:
            self.credits += [Credit(cents)] if is_to_credit and cents else []
            return
        kept = []
        for credit, took in reversed(paid.taken):
            part = min(took, cents)
            credit.left += part
            cents -= part
            kept.insert(0, (credit, took - part))
        paid.taken = kept

    def agree_at_desk(self) -> None:
        shown = self.stand.get(f"/user/patient/{self.patient}/credit/available", self.stand.till.clinic.billing)
        assert [one["remainingAmount"] for one in shown["credits"]] == [one.left for one in self.credits if one.left]
        for charge in self.owing:
            assert self.outstanding(charge.row["id"]) == charge.owed

    def post(self, path: str, body: dict[str, Any]) -> Any:
        return self.stand.post(path, self.stand.till.clinic.billing, body)
