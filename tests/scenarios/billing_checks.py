"""What every rule of the billing machine compares: an answer with what the model says it must be."""

import httpx
from hypothesis.stateful import RuleBasedStateMachine

from tests.scenarios.billing_model import Cart, Line, Quote


class Compared(RuleBasedStateMachine):
    """A caller of one clinic, and what it knows of the quotes it made."""

    def __init__(self, url: str, clinic) -> None:
        super().__init__()
        self.clinic = clinic
        self.client = httpx.Client(base_url=url, headers=clinic.billing, timeout=30)
        self.all_quotes: list[Quote] = []

    def teardown(self) -> None:
        self.client.close()

    def wire(self, line: Line) -> dict[str, object]:
        what = {"itemId": self.clinic.item_id} if line.is_item else {"packageId": self.clinic.package_id}
        return what | {
            "quantity": float(line.quantity),
            "unitPrice": line.price,
            "discountAmount": line.amount,
            "discountPercentage": float(line.percentage),
        }

    def of(self, cart: Cart) -> list[Quote]:
        return [quote for quote in self.all_quotes if quote.cart is cart]

    def end_pending(self, cart: Cart) -> None:
        for quote in self.of(cart):
            if quote.is_pending:
                quote.status = "EXPIRED"

    def refused(self, answer: httpx.Response, cart: Cart) -> bool:
        """Whether the cart does not take changes, and the answer said so."""
        if cart.is_archived:
            assert answer.status_code == 404, answer.text
        elif not cart.may_change:
            assert answer.status_code == 409, answer.text
        else:
            assert answer.status_code == 200, answer.text
            return False
        return True

    def converted(self, source: Cart | Quote, cart: Cart, answer: httpx.Response) -> None:
        assert answer.status_code == 200, answer.text
        charge, totals = answer.json(), source.totals()
        assert charge["total"] == charge["totalOutstanding"] == totals.total
        assert sum(item["taxAmount"] for item in charge["items"]) == totals.tax
        assert len(charge["items"]) == len(source.lines)
        assert sum(item["price"] * item["quantity"] for item in charge["items"]) == sum(
            line.gross for line in source.lines
        )
        assert source.charge_id in (None, charge["id"])
        assert cart.charge_id in (None, charge["id"])
        source.charge_id = cart.charge_id = charge["id"]
        source.status = cart.status = "CONVERTED"
        self.end_pending(cart)

    def compare_cart(self, cart: Cart, shown: dict) -> None:
        totals = cart.totals()
        assert (shown["subtotal"], shown["discountAmount"], shown["taxAmount"], shown["total"]) == (
            totals.subtotal, totals.discount, totals.tax, totals.total,
        )  # fmt: skip
        assert [line["totalPrice"] for line in shown["items"]] == [line.total for line in cart.lines]
        assert sum(line["taxAmount"] for line in shown["items"]) == totals.tax
        assert (shown["status"], shown["convertedChargeId"]) == (cart.status, cart.charge_id)
        assert {(quote["id"], quote["status"]) for quote in shown["quotes"]} == {
            (quote.id, quote.status) for quote in self.of(cart)
        }
        for line, one in zip(cart.lines, shown["items"], strict=True):
            line.id = one["id"]

    def compare_quote(self, quote: Quote, shown: dict) -> None:
        totals = quote.totals()
        assert (shown["subtotal"], shown["discountAmount"], shown["taxAmount"], shown["total"]) == (
            totals.subtotal, totals.discount, totals.tax, totals.total,
        )  # fmt: skip
        assert [line["totalPrice"] for line in shown["items"]] == [line.total for line in quote.lines]
        assert (shown["status"], shown["convertedChargeId"]) == (quote.status, quote.charge_id)
