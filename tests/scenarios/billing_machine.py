"""Requests on carts, quotes and charges, each compared with the model: what it answers, and what it leaves."""

from decimal import Decimal
from fractions import Fraction

import msgspec
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, initialize, multiple, rule

from tests.scenarios.billing_checks import Compared
from tests.scenarios.billing_model import Cart, Line, Quote

ITEM_PRICE, PACKAGE_PRICE = 15_900, 9_999

quantities = st.decimals(min_value=0, max_value=1000, places=3)
percentages = st.decimals(min_value=0, max_value=100, places=4)
# What ends a cart comes seldom, so that most requests meet one that is alive.
seldom = st.sampled_from([True, False, False, False, False])
cents = st.integers(min_value=0, max_value=100_000)


@st.composite
def sent_lines(draw):
    """A line as the model keeps it and as it is sent."""
    is_item, price = draw(st.booleans()), draw(st.none() | cents)
    quantity, amount, percentage = draw(quantities), draw(st.just(0) | cents), draw(st.just(Decimal(0)) | percentages)
    catalogue_price = ITEM_PRICE if is_item else PACKAGE_PRICE
    return Line(
        is_item=is_item,
        quantity=Fraction(quantity),
        price=catalogue_price if price is None else price,
        amount=amount,
        percentage=Fraction(percentage),
    )


class Billing(Compared):
    """Each rule is one request; its answer is compared with the model, refusals included."""

    carts = Bundle("carts")
    quotes = Bundle("quotes")

    # ---- carts

    @initialize(target=quotes, lines=st.lists(sent_lines(), min_size=1, max_size=4), is_handed_over=st.booleans())
    def begin(self, lines, is_handed_over):
        return self.make_quote(self.make_cart(lines, 0, Decimal(0)), is_handed_over)

    @rule(target=carts, quote=quotes)
    def its_cart(self, quote):
        return quote.cart

    @rule(target=carts, lines=st.lists(sent_lines(), max_size=5), amount=cents, percentage=percentages)
    def make_cart(self, lines, amount, percentage):
        body = {
            "patientId": self.clinic.patient_id,
            "creatorId": self.clinic.creator_id,
            "items": [self.wire(line) for line in lines],
            "discountAmount": amount,
            "discountPercentage": float(percentage),
        }
        answer = self.client.post("/billing/cart", json=body)
        assert answer.status_code == 200, answer.text
        cart = Cart(id=answer.json()["id"], lines=lines, amount=amount, percentage=Fraction(percentage))
        self.compare_cart(cart, answer.json())
        return cart

    @rule(cart=carts, line=sent_lines())
    def add_line(self, cart, line):
        answer = self.client.post(f"/billing/cart/{cart.id}/items", json=self.wire(line))
        if self.refused(answer, cart):
            return
        cart.lines.append(line)
        self.compare_cart(cart, answer.json())

    @rule(cart=carts, place=st.integers(0, 10), quantity=quantities, percentage=percentages)
    def change_line(self, cart, place, quantity, percentage):
        line = cart.lines[place % len(cart.lines)] if cart.lines else Line(id="none", is_item=True, quantity=0, price=0)
        answer = self.client.put(
            f"/billing/cart/{cart.id}/items/{line.id}",
            json={"quantity": float(quantity), "discountPercentage": float(percentage)},
        )
        if not cart.lines and not cart.is_archived and cart.may_change:
            assert answer.status_code == 404
            return
        if self.refused(answer, cart):
            return
        line.quantity, line.percentage = Fraction(quantity), Fraction(percentage)
        self.compare_cart(cart, answer.json())

    @rule(cart=carts, place=st.integers(0, 10))
    def remove_line(self, cart, place):
        if not cart.lines:
            return
        line = cart.lines[place % len(cart.lines)]
        answer = self.client.delete(f"/billing/cart/{cart.id}/items/{line.id}")
        if self.refused(answer, cart):
            return
        cart.lines.remove(line)
        self.compare_cart(cart, answer.json())

    @rule(cart=carts, lines=st.lists(sent_lines(), max_size=3), amount=cents)
    def replace_cart(self, cart, lines, amount):
        body = {
            "patientId": self.clinic.patient_id,
            "items": [self.wire(line) for line in lines],
            "discountAmount": amount,
        }
        answer = self.client.put(f"/billing/cart/{cart.id}", json=body)
        if self.refused(answer, cart):
            return
        cart.lines, cart.amount, cart.percentage = lines, amount, Fraction(0)
        self.compare_cart(cart, answer.json())

    @rule(cart=carts, is_time=seldom)
    def convert_cart(self, cart, is_time):
        if not is_time:
            return
        answer = self.client.post(f"/billing/cart/{cart.id}/convert-to-charge", json={"cartId": cart.id})
        if cart.is_archived:
            assert answer.status_code == 404
            return
        accepted = next((quote for quote in self.of(cart) if quote.status in {"ACCEPTED", "CONVERTED"}), None)
        source = accepted or cart
        if cart.status not in {"DRAFT", "ACCEPTED", "CONVERTED"} or (cart.status == "DRAFT" and not cart.lines):
            assert answer.status_code == 409, answer.text
            return
        self.converted(source, cart, answer)

    @rule(cart=carts, is_time=seldom)
    def archive_cart(self, cart, is_time):
        if not is_time:
            return
        answer = self.client.delete(f"/billing/cart/{cart.id}")
        if cart.is_archived:
            assert answer.status_code == 404
            return
        if cart.status == "ACCEPTED":
            assert answer.status_code == 409, answer.text
            return
        assert (answer.status_code, answer.json()) == (200, True)
        cart.is_archived = True
        self.end_pending(cart)
        assert self.client.get(f"/billing/cart/{cart.id}").status_code == 404

    # ---- quotes

    @rule(target=quotes, cart=carts, is_handed_over=st.booleans())
    def make_quote(self, cart, is_handed_over):
        body = {"patientId": self.clinic.patient_id, "cartId": cart.id, "creatorId": self.clinic.creator_id}
        answer = self.client.post("/billing/quote", json=body)
        if cart.is_archived or cart.status != "DRAFT":
            assert answer.status_code == (404 if cart.is_archived else 409), answer.text
            return multiple()
        assert answer.status_code == 200, answer.text
        lines = [msgspec.structs.replace(line) for line in cart.lines]
        quote = Quote(
            id=answer.json()["id"], cart=cart, lines=lines, amount=cart.amount, percentage=cart.percentage
        )  # fmt: skip
        self.all_quotes.append(quote)
        self.compare_quote(quote, answer.json())
        if is_handed_over:
            self.hand_over(quote)
        return quote

    @rule(quote=quotes, percentage=percentages)
    def discount_quote(self, quote, percentage):
        answer = self.client.put(f"/billing/quote/{quote.id}", json={"discountPercentage": float(percentage)})
        if not quote.is_pending:
            assert answer.status_code == 409, answer.text
            return
        quote.percentage = Fraction(percentage)
        self.compare_quote(quote, answer.json())

    @rule(quote=quotes, line=sent_lines())
    def add_quote_line(self, quote, line):
        answer = self.client.post(f"/billing/quote/{quote.id}/items/add", json=self.wire(line))
        if not quote.is_pending:
            assert answer.status_code == 409, answer.text
            return
        quote.lines.append(line)
        self.compare_quote(quote, answer.json())

    @rule(quote=quotes)
    def hand_over_again(self, quote):
        self.hand_over(quote)

    def hand_over(self, quote):
        answer = self.client.put(f"/billing/quote/{quote.id}", json={"status": "SENT"})
        if quote.status not in {"DRAFT", "SENT"} or (quote.status == "DRAFT" and not quote.lines):
            assert answer.status_code in {409, 422}, answer.text
            return
        assert answer.status_code == 200, answer.text
        quote.status, quote.cart.is_locked = "SENT", True
        self.compare_quote(quote, answer.json())

    @rule(quote=quotes)
    def look_at(self, quote):
        answer = self.client.get(f"/billing/quote/public/{quote.id}")
        if quote.status == "SENT":
            quote.status = "VIEWED"
        assert (answer.status_code, answer.json()["status"]) == (200, quote.status)
        assert answer.json()["total"] == quote.totals().total

    @rule(quote=quotes, response=st.sampled_from(["accept", "accept", "decline"]), is_charged=st.booleans())
    def respond(self, quote, response, is_charged):
        answer = self.client.post("/billing/quote/respond", json={"quoteId": quote.id, "response": response})
        if not quote.is_open:
            assert answer.status_code == 409, answer.text
            return
        assert answer.status_code == 200, answer.text
        if response == "accept":
            quote.status, quote.cart.status = "ACCEPTED", "ACCEPTED"
            self.end_pending(quote.cart)
        else:
            quote.status = "DECLINED"
            if not any(other.is_open for other in self.of(quote.cart)):
                quote.cart.status = "REJECTED"
                self.end_pending(quote.cart)
        self.compare_quote(quote, answer.json())
        if is_charged:
            self.convert_quote(quote)

    @rule(quote=quotes)
    def convert_quote(self, quote):
        answer = self.client.post("/billing/quote/convert-to-charge", json={"quoteId": quote.id})
        if quote.status not in {"ACCEPTED", "CONVERTED"}:
            assert answer.status_code == 409, answer.text
            return
        self.converted(quote, quote.cart, answer)

    @rule(quote=quotes, percentage=percentages)
    def sell(self, quote, percentage):
        """From whatever it is as far as it goes: what follows then meets quotes that were answered and charged."""
        self.discount_quote(quote, percentage)
        self.hand_over(quote)
        self.respond(quote, "accept", is_charged=True)
        self.convert_cart(quote.cart, is_time=True)

    @rule(quote=quotes)
    def read_quote(self, quote):
        answer = self.client.get(f"/billing/quote/{quote.id}")
        self.compare_quote(quote, answer.json())

    @rule(cart=carts)
    def read_cart(self, cart):
        answer = self.client.get(f"/billing/cart/{cart.id}")
        if cart.is_archived:
            assert answer.status_code == 404
            return
        self.compare_cart(cart, answer.json())
