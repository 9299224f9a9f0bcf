"""What a storefront's script and a patient's browser do at the gateway; the simulator stands in for it."""

import http.client
import json
import re
from typing import Any
from urllib.parse import urlencode, urlsplit

from carelane.demo.asking import FORM, REQUEST_SECONDS, Ask, Ways, at, form, get, path_of

GOOD_CARD, DECLINED_CARD, ASKING_CARD = "4242 4242 4242 4242", "4000 0000 0000 0002", "4000 0027 6000 3184"
# The same cards, as a script that has read them from the gateway's own fields names them.
GOOD_METHOD, ASKING_METHOD = "pm_card_visa", "pm_card_authenticationRequired"
_SECRET = re.compile(r'name="client_secret" value="([^"]+)"')


def register_webhooks(demo: dict[str, Any], url: str) -> None:
    """As one does in the gateway's dashboard: each account tells our inbox, with a secret of its own."""
    connection = http.client.HTTPConnection(urlsplit(demo["gatewayUrl"]).netloc, timeout=REQUEST_SECONDS)
    for mode in ("Test", "Live"):
        endpoint = {
            "url": url + demo["gatewayWebhookPath"],
            "secrets": [demo[f"gateway{mode}WebhookSecret"]],
            "key": demo[f"gateway{mode}Key"],
        }
        connection.request("POST", "/control/webhooks", json.dumps(endpoint), {"Content-Type": "application/json"})
        connection.getresponse().read()
    connection.close()


def keep_card(ways: Ways, demo: dict[str, Any], secret: str, method: str, *, is_test: bool) -> str:
    """A card is entered for a setup intent, whose secret the storefront was given. Returns the intent's id."""
    setup_id = secret.partition("_secret_")[0]
    key = demo["gatewayTestKey" if is_test else "gatewayLiveKey"]
    headers = {"Authorization": f"Bearer {key}", "Content-Type": FORM}
    body = urlencode({"payment_method": method, "return_url": "http://127.0.0.1/thank-you"})
    path = f"/v1/setup_intents/{setup_id}/confirm"
    ask = Ask(title="The patient enters a card", method="POST", path=path, headers=headers, body=body)
    made = ways.send(at(demo["gatewayUrl"], ask))
    if made.get("status") == "requires_action":
        answer_bank(ways, made["next_action"]["redirect_to_url"]["url"])
    return setup_id


def answer_bank(ways: Ways, url: str) -> str:
    """The patient says yes on their bank's page. Returns where it leads to."""
    page = ways.visit(at(url, get("The bank asks: is it you?", "", {})))
    secret = _SECRET.search(page.text)
    fields = {"client_secret": secret[1] if secret else "", "answer": "approve"}
    return ways.visit(at(url, form("It is", "", fields))).location


def pay_at_checkout(ways: Ways, url: str, email: str) -> str:
    """On the gateway's page, first with a card that is declined. Returns the path of ours that it leads back to."""
    ways.visit(at(url, get("The gateway's page", "", {})))
    card = {"expiry": "12 / 34", "cvc": "123", "email": email}
    ways.visit(at(url, form("A card that is declined", "", card | {"number": DECLINED_CARD}, expected_status=402)))
    paid = ways.visit(at(url, form("and one that is good", "", card | {"number": GOOD_CARD})))
    return path_of(paid.location)
