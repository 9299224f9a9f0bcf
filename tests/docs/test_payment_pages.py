"""The page of docs/api/ about payments, printed from a conversation with a server that has a gateway."""

from tests.docs.pages import DOCS, check_printed
from tests.docs.printer import WRONG_KEY, ApiPage
from tests.gateway_simulator.world import running_gateway
from tests.payments.intake.world import paying, running_world
from tests.server import prepared

_ABOUT = """\
Cards are entered with the gateway's own script or on its own page, never here. A storefront asks for a secret, its visitor enters a
card with it, and the id of the intent comes with the case as `payment.providerReference`. What an organization does with it, and
the keys of its gateway accounts, are in its organization file under `payments`.

- An account for test money and one for live money are apart: a case with `isTest: true` is paid with the first, any other with the
  second. `POST /api/v1/payments/…` takes `isTest` too; without it money is live where there is an account for live money.
- An organization without a gateway account, or with the policy `unverified`, keeps references as they are sent."""
_ACCEPTED = """\
## What a case may bring

The reference is verified before the case is written: what is not accepted is 422 (400 from `dynamic-case`), names the field, says
what would be accepted, and leaves nothing behind. With the policies `charge_on_approval` and `hold` this is accepted:

| reference | accepted when it is | what follows |
| --- | --- | --- |
| `SETUP_INTENT` | `succeeded`, with `usage` `off_session` | with `charge_on_approval` nothing is held, and the card is charged when the case is approved; with `hold` the amount is held on it at once, captured then, released when the case is rejected |
| `PAYMENT_INTENT` | `requires_capture` | with either policy the hold is captured when the case is approved, released when it is rejected; before it ends unused it is released, and the card charged after the approval if it was saved for that |
| `PAYMENT_INTENT` | `succeeded` or `processing` | the money counts as paid, nothing is held besides, and it goes back when the case is rejected |
| `PAYMENT_TOKEN`, `nmiPaymentToken` | anything | kept as it was sent; no money moves |
| none | `payment.status` is `UNPAID` | a card is asked for when the case is approved; with `hold` the amount is held as soon as there is a card |

- A payment intent has exactly the payment's amount and currency. It is captured in full or not at all, and nothing of it was refunded
  or disputed. The test or live mode is that of `isTest`.
- With `hold`, a card that refuses to hold the amount, or whose bank wants its owner to confirm it, sends the patient to the payment's page
  before anybody decides. A hold that nobody decides on is released six hours before it ends, and the card is charged after the approval.
- One reference pays one case, also when two come at once. A request that is repeated under its `Idempotency-Key` is answered again, and
  nothing is asked.
- A card that was set up for no customer becomes that of a customer made for the patient: only those can be charged later.
- `payment.status` is what the gateway says, not what was sent.
- The payment of an abandoned cart is not verified. `dynamic-case` with a `caseId` adds its reference to that case as a payment, verified the same way.
- While the gateway does not answer, `CARELANE_GATEWAY_DOWN` says what happens: `accept` takes the case, and the worker verifies its
  payment as soon as it can, before any money moves; if something is wrong then, the patient is asked for another card, or the
  clinic's staff decide. `refuse` answers 503 with `Retry-After`.
- `fees` of the case's payment are the organization's, from its file, and `consultFee` is the rest: together they are the amount."""


async def test_page_of_payments(contract, tmp_path):
    with running_gateway() as gateway:
        async with running_world(prepared(tmp_path / "data"), contract, gateway) as world:
            paid = await world.clinic(tmp_path)
            bare = await world.clinic(tmp_path, "unverified", ())
            page = ApiPage(world.client, paid.clinic, "Payments")
            page.hide(bare.clinic.api_key, "A_KEY_OF_AN_ORGANIZATION_WITHOUT_A_GATEWAY")
            page.say(_ABOUT)
            await _print_secrets(page, world, paid)
            page.say(_ACCEPTED)
            await _print_cases(page, world, paid)
            await _print_errors(page, paid, bare)
            check_printed(DOCS / "api" / "payments.md", page.text())


def _hide(page, answered, kind, digits):
    """The id and the secret of an intent."""
    secret = answered.get("paymentSecret") or answered["data"]["paymentIntentSecret"]
    intent_id = secret.partition("_secret_")[0]
    page.parts[-1] = page.parts[-1].replace(secret, f"{kind}_{digits}_secret_XXXX")
    return intent_id


async def _print_secrets(page, world, paid):
    key = {"headers": paid.clinic.key}
    text = "For a card that is charged later. The body may be left out. The old address `POST /initiatePayment` takes the key as `key` in the body too, and answers `paymentSecret` alone."
    metadata = {"email": "ada@example.com", "phone": "+12125550123"}
    path = "/api/v1/payments/setup"
    made = await page.ask("A secret for a card", text, "POST", path, 200, json={"metadata": metadata}, **key)
    _hide(page, made, "seti", "1Sk8JiGkkQS2eXzhTHyVTDj9")
    text = (
        "`amount` in units of the currency, which is the organization's unless `currency` says otherwise; "
        '`paymentMethodTypes` is `["card"]` if it is left out. The money is only held until the case is approved, except with the '
        "policy `unverified`."
    )
    sent = {"amount": 159, "paymentMethodTypes": ["card"], "metadata": metadata}
    made = await page.ask("A secret for a payment", text, "POST", "/api/v1/payments/intent", 200, json=sent, **key)
    _hide(page, made, "pi", "3Sk8JiGkkQS2eXzhTHyVTDj9")


async def _print_cases(page, world, paid):
    key, path = {"headers": paid.clinic.key}, "/api/v1/cases"
    setup = world.setup(paid)
    page.hide(setup.id, "seti_1Sk8JiGkkQS2eXzhTHyVTDj9")
    body = paying(paid, setup)
    body["user"]["email"] = "ada@example.com"
    await page.ask("A case with a card", "", "POST", path, 200, json=body, **key)
    other = paying(paid, setup)
    other["user"]["email"] = "ben@example.com"
    await page.ask("A reference that was used", "", "POST", path, 422, json=other, like=body, **key)
    intent = world.hold(paid, 15_800)
    page.hide(intent.id, "pi_3Sk8JiGkkQS2eXzhTHyVTDj9")
    short = paying(paid, intent, "PAYMENT_INTENT")
    short["user"]["email"] = "ben@example.com"
    await page.ask("An amount that differs", "", "POST", path, 422, json=short, like=body, **key)
    new = world.setup(paid)
    page.hide(new.id, "seti_1Sk8JiGkkQS2eXzhNEWCARD9")
    page.say(
        "## How a user pays\n\nThe card of `stripeSetupId` is the user's from now on, and that of payments that wait for one, were declined, or are "
        "due: they are tried with it at once. Exactly one of `stripeSetupId` and `nmiPaymentToken`; the token stands with the payments that are "
        "kept as a reference. `email` is at the top or inside `data`. `shippingAddress` may be left out."
    )
    address = {"addressLine1": "1 Main St", "city": "Albany", "state": "NY", "country": "US", "postalCode": "12207"}
    update = {"action": "UPDATE_PAYMENT_INFO", "email": "ada@example.com"}
    data = {"stripeSetupId": new.id, "shippingAddress": address}
    await page.ask("Another card", "", "POST", "/api/v1/users", 200, json=update | {"data": data}, **key)


async def _print_errors(page, paid, bare):
    page.say_errors("`errors` names every field that is wrong.")
    key, setup, intent = {"headers": paid.clinic.key}, "/api/v1/payments/setup", "/api/v1/payments/intent"
    await page.ask("No gateway", "Of each of the three.", "POST", setup, 400, headers=bare.clinic.key)
    await page.ask("A wrong amount", "", "POST", intent, 400, json={"amount": 1.155}, **key)
    await page.ask("A wrong key", "", "POST", setup, 401, headers=WRONG_KEY)
    await page.ask("A wrong key for an intent", "", "POST", intent, 401, json={"amount": 1}, headers=WRONG_KEY)
    unknown = {"action": "UPDATE_PAYMENT_INFO", "email": "nobody@example.com", "data": {"stripeSetupId": "seti_1"}}
    await page.ask("An unknown user", "", "POST", "/api/v1/users", 400, json=unknown, **key)
