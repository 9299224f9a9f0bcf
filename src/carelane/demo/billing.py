"""The billing part of the story: a cart is priced, quoted by text message, accepted on the patient's page and charged once."""

import json
import re
import time
import urllib.request
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode, urlsplit

import msgspec

from carelane.demo.asking import Ask, Outcome, Send, get, post
from carelane.surfaces.docs.billing_examples import CREATE_CART

STEP_COUNT = 14
TEXT_SECONDS = 30.0
_LOOK_SECONDS = 0.1
_LINK = re.compile(r"https?://\S+/q/\S+")
_REVISION = re.compile(r'name="revision" value="(\d+)"')
# As the demo data has it.
_BIRTH = {"year": "1984", "month": "7", "day": "19"}

# Sends a request and returns how it was answered, headers and page included.
Visit = Callable[[Ask], Outcome]


class Sold(msgspec.Struct, frozen=True):
    """What came of it: the cart as it was priced, and the charge."""

    cart: dict[str, Any]
    charge: dict[str, Any]
    # Whether asking again gave the same charge.
    is_charged_once: bool


def sell(send: Send, visit: Visit, demo: dict[str, Any], texts_url: str) -> Sold:
    """`texts_url` is where the simulator shows the messages it took."""
    key = {"API-KEY": demo["apiKey"], "TENANT": demo["tenant"]}
    who = {"patientId": demo["patientId"], "creatorId": demo["creatorId"]}
    named = CREATE_CART | who | {"id": "cart_printed"}
    send(post("Create a cart, as the page prints it", "/billing/cart", key, named))
    send(get("The patient, whom the care side knows too", f"/user/patient/{demo['patientId']}", key))
    cart = _fill(send, key, who, demo)
    quote_id = _offer(send, key, who, cart["id"])
    _accept(visit, _await_link(texts_url))
    convert = {"quoteId": quote_id, "locationId": demo["locationId"]}
    charge = send(post("Convert the quote to a charge", "/billing/quote/convert-to-charge", key, convert))
    path = f"/billing/cart/{cart['id']}/convert-to-charge"
    again = send(post("Converting the cart gives the same charge", path, key, {"cartId": cart["id"]}))
    send(get("The charge", f"/billing/charge/get/{charge.get('id')}", key))
    return Sold(cart, charge, charge.get("id") is not None and charge.get("id") == again.get("id"))


def _fill(send: Send, key: dict[str, str], who: dict[str, str], demo: dict[str, Any]) -> dict[str, Any]:
    """A cart with a discounted line, a package and half an hour of something, and a discount on the whole."""
    lines = [
        {"itemId": demo["itemId"], "quantity": 2, "discountPercentage": 15},
        {"packageId": demo["packageId"]},
    ]
    body = who | {"discountPercentage": 10, "items": lines}
    cart = send(post("Create a cart with two lines", "/billing/cart", key, body))
    more = {"itemId": demo["itemId"], "quantity": 0.5, "unitPrice": 12_345, "notes": "Half a refill"}
    filled: dict[str, Any] = send(post("Add half of something", f"/billing/cart/{cart.get('id')}/items", key, more))
    return filled


def _offer(send: Send, key: dict[str, str], who: dict[str, str], cart_id: str) -> str:
    """Returns the id of the quote, which was sent by text message."""
    body = who | {"cartId": cart_id, "title": "Your treatment plan", "terms": "Refills within 30 days."}
    quote = send(post("Make a quote of the cart", "/billing/quote", key, body))
    sending = {"quoteId": quote.get("id"), "method": "sms", "message": "See you soon!"}
    send(post("Send it by text message", "/billing/quote/send", key, sending))
    send(post("The cart is locked now", f"/billing/cart/{cart_id}/items", key, {"itemId": "any"}, 409))
    return str(quote.get("id"))


def _await_link(texts_url: str) -> str:
    """The path of the link in the first message, once it came; empty if none does within TEXT_SECONDS."""
    deadline = time.monotonic() + TEXT_SECONDS
    while time.monotonic() < deadline:
        with urllib.request.urlopen(texts_url, timeout=TEXT_SECONDS) as answer:  # noqa: S310 - our own simulator
            found = _LINK.search("\n".join(text["text"] for text in json.load(answer)))
        if found:
            return urlsplit(found[0]).path
        time.sleep(_LOOK_SECONDS)
    return ""


def _accept(visit: Visit, path: str) -> None:
    """The patient opens the link, says who they are, reads and accepts."""
    visit(get("The patient opens the link", path, {}))
    known = visit(_form("and says who they are", f"{path}/verify", {"last_name": "Vale", **_BIRTH}, ""))
    page = visit(get("reads the quote", path, {"Cookie": known.cookie}))
    revision = _REVISION.search(page.text)
    answer = {"answer": "accept", "revision": revision[1] if revision else ""}
    visit(_form("and accepts", f"{path}/respond", answer, known.cookie))


def _form(title: str, path: str, fields: dict[str, str], cookie: str) -> Ask:
    headers = {"Content-Type": "application/x-www-form-urlencoded"} | ({"Cookie": cookie} if cookie else {})
    return Ask(title=title, method="POST", path=path, expected_status=303, headers=headers, body=urlencode(fields))


def arithmetic(sold: Sold) -> list[str]:
    """How the total came about, line by line, and that the charge is the same."""
    printed = [_line(line) for line in sold.cart.get("items", [])]
    cart = sold.cart
    rows = (
        ("subtotal", cart.get("subtotal", 0)),
        (f"discount of {cart.get('discountPercentage', 0):g} %", -cart.get("discountAmount", 0)),
        ("tax, line by line", cart.get("taxAmount", 0)),
        ("total", cart.get("total", 0)),
        ("charged", sold.charge.get("total", 0)),
    )
    return printed + [f"  {name:<58}{_money(cents):>12}" for name, cents in rows]


def _line(line: dict[str, Any]) -> str:
    name = (line["item"] or line["package"])["name"]
    count = f"{line['quantity']:g} × {_money(line['unitPrice'])}"
    less = f" less {line['discountPercentage']:g} %" if line["discountPercentage"] else ""
    return f"  {f'{name}: {count}{less}':<58}{_money(line['totalPrice']):>12}   and {_money(line['taxAmount'])} tax"


def _money(cents: int) -> str:
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100:,}.{abs(cents) % 100:02}"
