"""The pages a browser sees: Checkout, the bank's question, and the table of faults. They need no script."""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlencode

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from carelane.payments.gateways.simulator import card_form, checkout, faults, intents, methods, setups
from carelane.payments.gateways.simulator.accounts import Account, Request, World
from carelane.payments.gateways.simulator.cards import CARDS, Card
from carelane.payments.gateways.simulator.currencies import amount_text
from carelane.payments.gateways.simulator.errors import ApiError
from carelane.payments.gateways.simulator.operations import OPERATIONS
from carelane.payments.gateways.simulator.session_bodies import KIND
from carelane.payments.gateways.simulator.wire import Object

_HERE = Path(__file__).parent
_HEADERS = {
    "Cache-Control": "no-store",
    # After a form the browser is led to the clinic's own address, wherever that is.
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action *; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_ENVIRONMENT = Environment(
    loader=FileSystemLoader(_HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)


def routes(world: World) -> list[web.RouteDef]:
    pages = Pages(world)
    return [
        web.get("/", pages.index),
        web.get("/static/simulator.css", pages.styles),
        web.get("/c/pay/{session}", pages.show_checkout),
        web.post("/c/pay/{session}", pages.pay),
        web.get("/3d-secure/{intent}", pages.show_question),
        web.post("/3d-secure/{intent}", pages.answer_question),
    ]


class Pages:
    def __init__(self, world: World) -> None:
        self._world = world

    async def index(self, _: web.Request) -> web.Response:
        cards = [{"number": card.number, "name": card.name, "text": _card_text(card)} for card in CARDS]
        return _page(
            "index.html", 200, title="Gateway simulator", faults=faults.table(), cards=cards, operations=OPERATIONS
        )

    async def styles(self, _: web.Request) -> web.Response:
        return web.Response(
            text=(_HERE / "static" / "simulator.css").read_text(), content_type="text/css", headers=_HEADERS
        )

    async def show_checkout(self, http: web.Request) -> web.Response:
        account, session = self._find(http.match_info["session"], KIND)
        session = checkout.get(account, session["id"])
        if checkout.finish(account, session):
            return _see_other(_success_url(session))
        problem = _failure(account, session) if "redirect_status" in http.query else ""
        return _checkout_page(account, session, 200, None, problem)

    async def pay(self, http: web.Request) -> web.Response:
        # From here on nothing waits, so that two who pay at once pay once.
        typed = {name: str(value) for name, value in (await http.post()).items()}
        account, session = self._find(http.match_info["session"], KIND)
        session = checkout.get(account, session["id"])
        if checkout.finish(account, session):
            return _see_other(_success_url(session))
        if session["status"] != "open":
            return _notice(410, "This page has expired", "Go back to the clinic's page to start again.")
        wanted = card_form.fields(asks_email=_asks_email(session), typed=typed)
        if any(field.problem for field in wanted):
            return _checkout_page(account, session, 422, typed, "")
        account.request = Request()
        try:
            data = card_form.card_data(typed)
            method = methods.make_method(account, methods.card_of(data), data)
            email = typed.get("email") or session["customer_email"]
            intent = checkout.pay(account, session, method, email, f"{http.scheme}://{http.host}")
        except ApiError as error:
            return _checkout_page(account, session, 402, typed, str(error))
        action = intent["next_action"]
        return _see_other(action["redirect_to_url"]["url"] if action else _success_url(session))

    async def show_question(self, http: web.Request) -> web.Response:
        account, intent = self._find(http.match_info["intent"], "payment_intent", "setup_intent")
        _require_secret(intent, http.query.get("client_secret"))
        if intent["status"] != "requires_action":
            return _notice(410, "This question is answered", "You can close this page.")
        card = methods.take(account, intent["payment_method"])["card"]
        return _page(
            "secure.html",
            200,
            title="Confirm it is you",
            what="Payment" if intent["object"] == "payment_intent" else "Saving your card",
            amount=amount_text(intent["amount"], intent["currency"])
            if "amount" in intent
            else "Nothing is taken today",
            card=f"{card['brand']} ending in {card['last4']}",
            client_secret=intent["client_secret"],
        )

    async def answer_question(self, http: web.Request) -> web.Response:
        account, intent = self._find(http.match_info["intent"], "payment_intent", "setup_intent")
        typed = await http.post()
        _require_secret(intent, str(typed.get("client_secret")))
        if intent["status"] != "requires_action":
            return _notice(410, "This question is answered", "You can close this page.")
        back_to = (intent["next_action"].get("redirect_to_url") or {}).get("return_url")
        account.request = Request()
        work = intents.authenticated if intent["object"] == "payment_intent" else setups.authenticated
        work(account, intent, is_approved=typed.get("answer") == "approve")
        checkout.finish_of(account, intent)
        is_good = intent["status"] in {"succeeded", "requires_capture", "processing"}
        if back_to is None:
            return _notice(200, "Thank you" if is_good else "This did not work", "You can close this page.")
        return _see_other(_with_result(back_to, intent, is_good=is_good))

    def _find(self, object_id: str, *kinds: str) -> tuple[Account, Object]:
        """Of whatever account: the address is the key."""
        for account in self._world.accounts.values():
            found = account.find(object_id)
            if found is not None and found["object"] in kinds:
                return account, found
        raise _answered(
            _notice(404, "There is no such page", "The address may be incomplete, or the simulator was restarted.")
        )


def _checkout_page(
    account: Account, session: Object, status: int, typed: Mapping[str, str] | None, problem: str
) -> web.Response:
    if session["status"] != "open":
        return _notice(410, "This page has expired", "Go back to the clinic's page to start again.")
    new = account.session_plans[session["id"]]
    is_payment = session["mode"] == "payment"
    total = amount_text(session["amount_total"], session["currency"]) if is_payment else ""
    lines = [
        {
            "name": line.price_data.product_data.name,
            "quantity": line.quantity,
            "amount": amount_text(line.price_data.unit_amount * line.quantity, session["currency"]),
        }
        for line in new.line_items
    ]
    return _page(
        "checkout.html",
        status,
        title="Pay" if is_payment else "Save your card",
        lines=lines,
        total=total,
        problem=problem,
        fields=card_form.fields(asks_email=_asks_email(session), typed=typed),
        button=f"Pay {total}" if is_payment else "Save card",
        cancel_url=session["cancel_url"],
    )


def _failure(account: Account, session: Object) -> str:
    """What went wrong with the last card, after its bank was asked."""
    intent = account.find(str(session["payment_intent"] or session["setup_intent"])) or {}
    error = intent.get("last_payment_error") or intent.get("last_setup_error")
    return str(error["message"]) if error else ""


def _asks_email(session: Object) -> bool:
    return session["customer"] is None and session["customer_email"] is None


def _success_url(session: Object) -> str:
    return str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", str(session["id"]))


def _with_result(url: str, intent: Object, *, is_good: bool) -> str:
    kind = str(intent["object"])
    result = {kind: intent["id"], f"{kind}_client_secret": intent["client_secret"]}
    query = urlencode({**result, "redirect_status": "succeeded" if is_good else "failed"})
    head, sign, fragment = url.partition("#")
    return f"{head}{'&' if '?' in head else '?'}{query}{sign}{fragment}"


def _require_secret(intent: Object, given: str | None) -> None:
    if given != intent["client_secret"]:
        raise _answered(_notice(404, "There is no such page", "The address may be incomplete."))


def _card_text(card: Card) -> str:
    said = [f"Declined: {card.decline}" if card.decline else "Works"]
    said += ["cannot be attached"] if not card.attaches else []
    said += (
        [{"always": "authenticated each time", "setup": "authenticated once"}[card.authenticates]]
        if card.authenticates != "never"
        else []
    )
    said += [f"disputed: {card.disputes}"] if card.disputes else []
    said += ["refunds fail"] if card.refund_fails else []
    return ", ".join(said)


def _notice(status: int, title: str, *paragraphs: str) -> web.Response:
    return _page("layout.html", status, title=title, paragraphs=paragraphs)


def _page(template: str, status: int, **values: object) -> web.Response:
    html = _ENVIRONMENT.get_template(template).render(values)
    return web.Response(text=html, status=status, content_type="text/html", headers=_HEADERS)


def _see_other(url: str) -> web.Response:
    return web.Response(status=303, headers=_HEADERS | {"Location": url})


def _answered(response: web.Response) -> web.HTTPException:
    """Ends the handler with this page."""
    return web.HTTPNotFound(text=response.text, content_type="text/html", headers=_HEADERS)
