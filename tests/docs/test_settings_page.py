"""The page of docs/api/ about a clinic's settings, printed from a real conversation."""

from carelane.clinic.fees.schemas import MAX_FEES, OF_KIND
from tests.docs.pages import DOCS, check_printed
from tests.docs.printer import ApiPage
from tests.docs.stable import UNKNOWN_ID
from tests.docs.test_staff_pages import EVERYWHERE
from tests.factories.accounts import bearer, open_account
from tests.own_clinic import make_clinic
from tests.review.people import employ

SETTINGS = "/api/staff/settings"
_ABOUT = """\
What administrators set for their clinic; the console's pages under `/console/settings` and `/console/people` do the same. The
[organization file](../howto/apply.md) says these things too: the next `carelane apply` keeps what was changed here, or names what the
file contradicts. Webhook endpoints have [a page of their own](staff-webhooks.md).

What is changed as a whole has a `version`. Sent back with the change, it is refused with 409 when somebody changed the record since.
Secrets are shown once, in the answer that made them.
"""


async def test_page_of_settings(client, services, tmp_path):
    own = await make_clinic(services, tmp_path)
    admin = await employ(services, own, "Ada", role="ADMIN")
    nora = await employ(services, own, "Nora")
    sam = await employ(services, own, "Sam")
    page = ApiPage(client, own, "Staff: settings")
    page.hide(own.tenant, "your-clinic")
    page.say(f"{_ABOUT}\n{EVERYWHERE}")
    headers = admin.headers
    await _organization(page, headers)
    await _credentials(page, headers)
    await _members(page, headers, f"{SETTINGS}/members/{nora.id}")
    vera = await open_account(services, own, "ADMIN")
    await _email(page, vera, await bearer(services, vera.organization_id, vera.id))
    await _partners(page, headers)
    await _file(page, own, headers)
    page.say_errors()
    stale = {"name": "Moss", "casePrefix": "MOS", "version": "2026-01-01T00:00:00+00:00"}
    await page.ask("Somebody was faster", "", "PUT", f"{SETTINGS}/organization", 409, json=stale, headers=headers)
    text = "Another clinic's, one that was revoked and one that never was are answered alike."
    await page.ask("No such key", text, "POST", f"{SETTINGS}/credentials/{UNKNOWN_ID}/rotate", 404, headers=headers)
    await page.ask("Not an administrator", "", "GET", f"{SETTINGS}/organization", 403, headers=sam.headers)
    await page.ask("No session", "", "GET", f"{SETTINGS}/organization", 401)
    check_printed(DOCS / "api" / "staff-settings.md", page.text())


async def _organization(page, headers):
    url = f"{SETTINGS}/organization"
    there = await page.ask("Get the organization's settings", "`retention` is read-only: whoever runs the server sets it.", "GET", url, 200, headers=headers)  # fmt: skip
    changed = {"name": "Moss", "casePrefix": "MOS", "assignmentPolicy": "round_robin", "notificationEmails": ["cases@moss.example"]}  # fmt: skip
    text = "As a whole: what is left out is as for a new organization. The tenant's name stays."
    body = changed | {"version": there["version"]}
    await page.ask("Change the organization's settings", text, "PUT", url, 200, json=body, headers=headers)


async def _credentials(page, headers):
    url = f"{SETTINGS}/credentials"
    body = {"kind": "key", "name": "Shop", "scopes": ["catalog:read", "cases:write"]}
    text = "A `key` goes into `cv-api-key` and `API-KEY`, a `client` gets OAuth tokens: [credentials](../howto/credentials.md)."
    made = await page.ask("Make a key or client", text, "POST", url, 200, json=body, headers=headers)
    await page.ask("List keys and clients", "", "GET", url, 200, headers=headers)
    one = f"{url}/{made['id']}"
    body = {"name": "Shop", "scopes": ["catalog:read"], "version": made["version"]}
    await page.ask("Change a key or client", "Its secret stays.", "PUT", one, 200, json=body, headers=headers)
    text = "The secret before is refused within seconds."
    rotated = await page.ask("Rotate a key or client", text, "POST", f"{one}/rotate", 200, headers=headers)
    assert rotated["secret"] != made["secret"]
    await page.ask("Revoke a key or client", "For good.", "POST", f"{one}/revoke", 200, headers=headers)


async def _members(page, headers, url):
    there = await page.ask("Get a member's settings", "", "GET", url, 200, headers=headers)
    body = {"firstName": "Nora", "lastName": "Berg", "role": "CASEWORKER", "npi": "1234567893", "takesCases": True}
    body |= {
        "address": {
            "addressLine1": "8 Mill Street",
            "city": "Troy",
            "state": "NY",
            "postalCode": "12180",
            "country": "US",
        }
    }
    body |= {"licenses": [{"state": "NY", "number": "7", "expiresOn": "2031-06-30"}], "version": there["version"]}
    text = "As a whole, licenses included; an `address` that is left out stays. The last administrator stays one."
    await page.ask("Change a member", text, "PUT", url, 200, json=body, headers=headers)
    text = (
        "When appointments can be booked, by the clock of `timezone`: as a whole, as in the [organization file](../howto/apply.md#availability). "
        "`GET` shows it; `timezone` null: nothing was said yet, and nothing can be booked. Appointments that are booked stay."
    )
    body = {"timezone": "America/New_York", "appointmentMinutes": 20, "exceptions": [{"date": "2027-07-05"}]}
    body |= {"hours": [{"days": ["mon", "tue"], "from": "09:00", "to": "12:30"}]}
    hours = f"{url}/availability"
    changed = await page.ask("Change a member's hours", text, "PUT", hours, 200, json=body, headers=headers)
    page.hide(changed["version"], "HOURS_VERSION")
    text = "All sessions end at once; undecided cases are nobody's, and open. What the member did stays."
    await page.ask("Deactivate a member", text, "POST", f"{url}/deactivate", 200, headers=headers)
    text = "The member signs in as before; sessions do not come back."
    await page.ask("Reactivate a member", text, "POST", f"{url}/reactivate", 200, headers=headers)
    page.say("`GET /api/staff/settings/roles` tells what each role may do.")


async def _email(page, account, headers):
    text = (
        "`password` is your own. Both addresses get a mail that says so; sessions, devices and links that were sent end. Your own "
        "password stays. Anybody else's is good no more, with the second factor: a mail to the new address brings a link to choose "
        "one, so a server that sends no mail refuses with 409. An address that another member has is refused with 422."
    )
    page.hide(account.password, "YOUR_PASSWORD")
    body = {"email": "vera.lund@moss.example", "password": account.password}
    url = f"{SETTINGS}/members/{account.id}/email"
    changed = await page.ask("Change a member's e-mail", text, "PUT", url, 200, json=body, headers=headers)
    page.hide(changed["version"], "EMAIL_VERSION")


async def _partners(page, headers):
    url = f"{SETTINGS}/pharmacies"
    body = {"code": "box", "name": "Box", "adapter": "http", "url": "https://box.example/rx"}
    text = "`callbackPath` is where the pharmacy calls us: [pharmacies](../howto/pharmacies.md)."
    made = await page.ask("Make a pharmacy", text, "POST", url, 200, json=body, headers=headers)
    text = "As a whole; its secret stays. To one with `isActive` false nothing can be ordered, what was ordered is still tracked."
    body |= {"isActive": False, "version": made["version"]}
    await page.ask("Change a pharmacy", text, "PUT", f"{url}/{made['id']}", 200, json=body, headers=headers)
    page.say(
        f"`GET {url}` and `GET {url}/{{id}}` show them without secrets; `POST {url}/{{id}}/rotate` gives one another secret, shown once."
    )
    url = f"{SETTINGS}/gateway-accounts"
    body = {"secretKey": "sk_test_YOUR_KEY", "webhookSecret": "whsec_YOUR_SECRET"}
    text = (
        "`test` or `live`. Keys are never shown. What is left out stays; a webhook secret that is replaced stays good until "
        "`previousWebhookSecret` is sent as null: [Stripe](../howto/stripe.md)."
    )
    await page.ask("Change a gateway account", text, "PUT", f"{url}/test", 200, json=body, headers=headers)
    await page.ask("List gateway accounts", "What is set, without what it is.", "GET", url, 200, headers=headers)
    url = f"{SETTINGS}/payment-terms"
    text = (
        "Where nothing was said yet, it is `unverified`: the storefront takes the money, and nothing is charged here."
    )
    terms = await page.ask("Get the terms of payment", text, "GET", url, 200, headers=headers)
    page.hide(terms["version"], "TERMS_VERSION")
    body = {"policy": "charge_on_approval", "orderRequiresPayment": True, "version": terms["version"]}
    text = "`hold` and `charge_on_approval` need an account that is in use."
    changed = await page.ask("Change the terms of payment", text, "PUT", url, 200, json=body, headers=headers)
    page.hide(changed["version"], "NEXT_TERMS_VERSION")
    await _fees(page, headers, f"{SETTINGS}/fees")


async def _fees(page, headers, url):
    fees = [{"kind": "shipping", "amount": "12.50"}, {"kind": "other", "amount": "5", "label": "Lab kit"}]
    text = "What of a case's payment is which fee; the rest is the consultation's. Nothing at first."
    there = await page.ask("List fees", text, "GET", url, 200, headers=headers)
    page.hide(there["version"], "FEES_VERSION")
    kinds = ", ".join(f"`{kind}`" for kind in OF_KIND if kind != "other")
    text = (
        f"As a whole, up to {MAX_FEES}, in the organization's currency, for payments that come from now on; those before keep theirs. Kinds: "
        f"{kinds}, and `other` with a `label`."
    )
    body = {"fees": fees, "version": there["version"]}
    changed = await page.ask("Change fees", text, "PUT", url, 200, json=body, headers=headers)
    page.hide(changed["version"], "NEXT_FEES_VERSION")


async def _file(page, own, headers):
    url = f"{SETTINGS}/organization-file"
    text = (
        "`text` is a file that `carelane apply` takes without a difference. With `secrets=variables`, as usual, each secret is a variable, "
        "named in `variables`; with `none` secrets are left out: they stay where there are some, and are made where there are none. "
        "`leftOut` is what a file cannot say."
    )
    await page.ask("Export the organization file", text, "GET", f"{url}?secrets=none", 200, headers=headers)
    file = f"organization: {{tenant: {own.tenant}, name: Fern, casePrefix: MOS, assignmentPolicy: none}}\n"
    text = (
        "What applying it would do; nothing is done. `KEPT` was changed here and stays, a `CONFLICT` was changed here and in the file: "
        "then nothing would be applied. Variables of the server are not filled in: such a secret is not looked at."
    )
    await page.ask("Try an organization file", text, "POST", f"{url}/check", 200, json={"file": file}, headers=headers)
    text = "Field by field. Of secrets only digests are compared."
    await page.ask(
        "What was changed since the last apply", text, "GET", f"{SETTINGS}/changed-elsewhere", 200, headers=headers
    )
