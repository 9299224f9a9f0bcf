"""The page of docs/api/ about the counter: notes, how payments come, kept cards and card payments, printed from a conversation."""

from tests.docs.pages import DOCS, check_printed
from tests.docs.printer import ApiPage
from tests.gateway_simulator.world import running_gateway
from tests.payments.intake.world import running_world
from tests.server import prepared

_ABOUT = """\
What a front desk does beside selling. Needs a key with `billing:write` (for reading `billing:read`), for notes and doubles `patients:write`
and `patients:read`, to merge `patients:merge`; [credentials, names and errors](billing.md) are those of the dialect.

- **Quick notes** are sealed, and each look at them is recorded. They go with a patient who is merged.
- **Doubles** are found from the 1,000 newest patients: the same name and birth date, e-mail address or telephone number, however they are
  written. Merging is all or nothing, and staff can undo it.
- **Payment mediums** of the clinic's own stand beside those that are built in. A name that was deleted stays on the payments that came by it.
- **Cards** are entered into the gateway's own fields, never here: `create-payment-method-config` gives the secret of a setup intent,
  `payment-methods/create` keeps the card that it saved. Cards that came with a case or were entered on a page are listed too.
- **A card payment** takes two steps: `payin-config` writes down which charges are paid, and how much of each; `charge-card` charges a kept
  card for it, once, however often it is asked. A card that says no answers `FAILED`, the charges stay owed, and nothing is tried again
  later. `PROCESSING` means that the gateway has not answered: it is looked up, and asking again with the same config tells what became
  of it. `CANCELED`: it gave the amount, but the patient had paid on their page meanwhile; all of it goes back by itself. So does a part
  that was not owed any more, while the answer is `SUCCEEDED`; the payment's `refunds` in the table have both. One payment may settle
  several charges of one patient; a refund of it is spread over them.
- **With a `paymentPlan`** the card payment is the plan's first: `charge-card` takes its `initialAmount`, and the rest follows from the same
  card, an instalment at a time. A card that says no leaves no plan. `chargeIds` may be empty: the plan is for all `charges`. With
  nothing paid down, `create-with-charges` is the call.
- **The table** has all payments, found by everything it shows; `total` is 10,000 at most."""


async def test_page_of_the_counter(contract, tmp_path):
    with running_gateway() as gateway:
        async with running_world(prepared(tmp_path / "data"), contract, gateway) as world:
            paid = await world.clinic(tmp_path)
            page = ApiPage(world.client, paid.clinic, "At the counter")
            page.hide(paid.clinic.tenant, "your-clinic")
            page.say(_ABOUT)
            account_id = await _print(page, world, paid)
            printed = page.text().replace(account_id, "0c3d7b3e-8f1a-5d0b-9a51-2f7f7d1c9e10")
            check_printed(DOCS / "api" / "counter.md", printed)


async def _print(page, world, paid):
    clinic, key = paid.clinic, {"headers": paid.clinic.billing}
    person = {"id": "pat_counter", "firstName": "Jane", "lastName": "Roe"}
    made = await world.client.post("/user/patient/create", json=person, **key)
    assert made.status_code == 200, made.text
    providers = (await world.client.get("/admin/providers/list", **key)).json()
    for number, one in enumerate(providers):
        page.hide(one["email"], f"member-{number}@clinic.example")
    note = {"patientId": "pat_counter", "note": "Prefers mornings.", "creatorId": clinic.creator_id}
    await page.ask("A quick note", "", "POST", "/user/patient/quick-note/create", 200, json=note, **key)
    medium = {"name": "Bank transfer"}
    await page.ask("A payment medium", "", "POST", "/admin/payment-mediums/create", 200, json=medium, **key)
    setup = world.setup(paid)
    page.hide(setup.id, "seti_1Sk8JiGkkQS2eXzhTHyVTDj9")
    page.hide(setup.payment_method, "pm_1Sk8JiGkkQS2eXzhTHyVTDj9")
    path = "/user/patient/payment-methods/create?patient_id=pat_counter"
    card = {"paymentMethodId": setup.payment_method, "paymentMethodConfigId": setup.id}
    kept = await page.ask("Keep a card", "", "POST", path, 200, json=card, **key)
    cart = {"patientId": "pat_counter", "items": [{"itemId": clinic.item_id}]}
    cart_id = (await world.client.post("/billing/cart", json=cart, **key)).json()["id"]
    url = f"/billing/cart/{cart_id}/convert-to-charge"
    charge = (await world.client.post(url, json={"cartId": cart_id}, **key)).json()
    config = {"charges": [{"id": charge["id"]}], "paymentMedium": "POS", "paymentAmount": 5_000}
    terminal = "/billing/payment-terminal"
    written = await page.ask("Write down what is paid", "", "POST", f"{terminal}/payin-config", 200, json=config, **key)
    body, path = {"payinConfigId": written["payinConfigId"]}, f"{terminal}/charge-card/{kept['id']}"
    await page.ask("Charge the card", "", "POST", path, 200, json=body, **key)
    plan = {
        "initialAmount": 900,
        "chargeIds": [],
        "frequency": "MONTHLY",
        "installments": 2,
        "installmentAmount": 5_000,
    }
    planned = {"charges": [{"id": charge["id"]}], "paymentMedium": "POS", "paymentPlan": plan}
    url = "/billing/payment-plan/payin-config"
    await page.ask("The rest in instalments", "Charged as above.", "POST", url, 200, json=planned, **key)
    page.say_errors("Beside those of [every request](billing.md#errors).")
    too_much = config | {"paymentAmount": 99_999_999, "paymentMedium": "POS"}
    await page.ask("More than is owed", "", "POST", f"{terminal}/payin-config", 422, json=too_much, **key)
    cash = config | {"paymentMedium": "CASH"}
    await page.ask("Not by card", "", "POST", f"{terminal}/payin-config", 422, json=cash, **key)
    built_in = {"name": "Cash"}
    await page.ask("A name that is built in", "", "POST", "/admin/payment-mediums/create", 409, json=built_in, **key)
    number = {"paymentMethodId": "4242424242424242"}
    await page.ask("A card's number", "Nothing of it is kept.", "POST",
                   "/user/patient/payment-methods/create?patient_id=pat_counter", 422, json=number, **key)  # fmt: skip
    return kept["availableMerchantIds"][0]
