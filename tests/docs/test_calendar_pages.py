"""Pages of docs/api/ about the calendar, and about promo codes and products, printed from real conversations."""

from datetime import timedelta

import pytest

from carelane.kit import clock
from tests.appointments.cast import APPOINTMENTS, CANCEL, FREE, RESCHEDULE, Storefront, booking, clinic_of, clinician
from tests.docs.pages import DOCS, check_printed
from tests.docs.printer import WRONG_KEY, ApiPage
from tests.docs.stable import UNKNOWN_ID
from tests.promo_codes.conftest import PROMO_CODES, shop_of

PRODUCTS = "/api/v1/organization/products"
_CALENDAR = """\
A storefront shows when clinicians are free and books for patients. Hours stand in [the organization file](../howto/apply.md#availability).
An organization may ask 500 times in a minute; beyond that the answer is 429, with `Retry-After`.

An appointment belongs to the newest case of its patient that is not archived. The clinician must have a license in the patient's state
on that day. Moments are UTC. Patient and clinician get a mail with an `.ics` whenever it is booked, moved or canceled. `cancelURL` and
`rescheduleURL` lead to pages on which the patient does it without an account: the link is all it takes, so it belongs to the
patient alone. `calendlyLink` is a page on which patients book with their e-mail address.

Webhooks and the feed tell of it: `CALENDAR_EVENT_CREATED`, `CALENDAR_EVENT_RESCHEDULED`, `CALENDAR_EVENT_CANCELED`, and, when staff say who
missed it, `CALENDAR_EVENT_NO_SHOW` and `CALENDAR_EVENT_NO_SHOW_REMOVED`, each with `payload.calendarEvent` as below."""


@pytest.fixture
async def shop(client, services, tmp_path) -> Storefront:
    ada = clinician("Ada", "NY", meetingLink="https://meet.example/ada") | {"email": "ada.berg@harbor-health.example"}
    return Storefront(client, await clinic_of(services, tmp_path, ada))


async def test_page_of_the_calendar(client, services, shop):
    page, key = ApiPage(client, shop.clinic, "Calendar"), {"headers": shop.clinic.key}
    page.say(_CALENDAR)
    email = await shop.patient()
    page.hide(email, "iris.marker@patient.example")
    (ada,) = await shop.clinicians()
    page.hide(ada["eventTypeId"], "01900000-0000-7000-8000-00000000ada0")
    # Afternoons of New York: no midnight of UTC is among them.
    free = [start for start in await shop.free(ada["eventTypeId"]) if "15:00" <= start[11:16] <= "21:00"]
    text = "`provider_states` is needed; `provider_email` and `event_type_id` leave one."
    await page.ask("Clinicians", text, "GET", f"{FREE}?provider_states=NY,CA", 200, **key)
    day = (clock.now() + timedelta(days=3)).date()
    times = f"start_time={day}T12:00:00Z&end_time={day}T12:05:00Z"
    text = "At most 31 days at once."
    url = f"{FREE}?provider_states=NY&event_type_id={ada['eventTypeId']}&{times}"
    await page.ask("Free times", text, "GET", url, 200, **key)
    body = booking(email, ada["eventTypeId"], free[0], tracking={"utmCampaign": "spring"})
    text = (
        "`startTime` is one of the free times, with an offset; `timezone` is the patient's, for mails and pages; `location` is one of "
        "`google_conference`, `zoom_conference`, `gotomeeting_conference`, `microsoft_teams_conference`, `webex_conference`."
    )
    booked = (await page.ask("Book", text, "POST", APPOINTMENTS, 200, json=body, **key))["data"]
    named = {"email": email, "appointmentId": booked["id"]}
    text = "Of our own. The appointment stays the same one, with the same links."
    await page.ask("Move", text, "POST", RESCHEDULE, 200, json=named | {"startTime": free[2]}, **key)
    text = "Those that are not over and not canceled, by when they end. `start_date` and `end_date` are days of UTC."
    await page.ask("List", text, "GET", f"{APPOINTMENTS}?user_email={email}", 200, **key)
    text = "Its time is free again."
    cancel = named | {"reason": "I feel better"}
    await page.ask("Cancel", text, "POST", CANCEL, 200, json=cancel, **key)
    page.say_errors("Every `POST` takes the header `Idempotency-Key`; [place an order](place-order.md) shows how.")
    assert (await shop.book(await shop.patient(), ada["eventTypeId"], free[4])).status_code == 200
    late = booking(email, ada["eventTypeId"], free[4])
    await page.ask("A time that was just taken", "", "POST", APPOINTMENTS, 409, json=late, **key)
    wrong = booking(email, UNKNOWN_ID, free[4], timezone="Mars/Olympus")
    await page.ask("Nobody who can be booked, and no time zone", "", "POST", APPOINTMENTS, 400, json=wrong, **key)
    await page.ask("Canceled already", "", "POST", CANCEL, 409, json=cancel, **key)
    await page.ask(
        "Another patient's, or none", "", "POST", CANCEL, 404, json=cancel | {"appointmentId": UNKNOWN_ID}, **key
    )
    await page.ask("Nobody's address", "", "GET", f"{APPOINTMENTS}?user_email=nobody@patient.example", 404, **key)
    await page.ask("A wrong key", "", "GET", f"{FREE}?provider_states=NY", 401, headers=WRONG_KEY)
    check_printed(DOCS / "api" / "calendar.md", page.text())


async def test_page_of_promo_codes_and_products(client, services, tmp_path):
    codes = (
        {"code": "LOSE10", "discountAmount": "10.00"},
        {"code": "PLAN15", "discountPercentage": 15, "bundles": ["Plan"]},
    )
    shop = await shop_of(client, services, tmp_path, *codes)
    page, key = ApiPage(client, shop.clinic, "Promo codes and products"), {"headers": shop.clinic.key}
    page.say(
        "What a code takes off, and what is sold. Codes stand in [the organization file](../howto/apply.md#promocodes). A "
        "[case](create-case.md) that names a code in `promoCodes` takes one use of it."
    )
    text = "In whatever case it is typed."
    await page.ask("An amount", text, "GET", f"{PROMO_CODES}?code=lose10", 200, **key)
    text = "A code of some bundles is good for these alone."
    url = f"{PROMO_CODES}?code=PLAN15&product_bundle_id={shop.clinic.bundle_id}"
    await page.ask("A percentage", text, "GET", url, 200, **key)
    text = "Unknown, ended, not begun, used up, or for other bundles: the answer is the same."
    await page.ask("A code that is not good", text, "GET", f"{PROMO_CODES}?code=LOSE20", 200, **key)
    text = "`isVisible` is `true` (those that are sold) or `false`; without it all are listed, oldest first, at most 1,000."
    await page.ask("Products", text, "GET", f"{PRODUCTS}?isVisible=true", 200, **key)
    text = "With `includeFollowupForm` and `includeOptionalFollowupForm` its forms, null where there is none."
    url = f"{PRODUCTS}/{shop.clinic.product_id}?includeFollowupForm=true"
    await page.ask("One product", text, "GET", url, 200, **key)
    page.say_errors()
    await page.ask("No code", "", "GET", PROMO_CODES, 400, **key)
    await page.ask("A bundle that is no UUID", "", "GET", f"{PROMO_CODES}?code=LOSE10&product_bundle_id=x", 400, **key)
    await page.ask("A product that is not there", "", "GET", f"{PRODUCTS}/{UNKNOWN_ID}", 400, **key)
    await page.ask("A wrong key", "", "GET", f"{PROMO_CODES}?code=LOSE10", 401, headers=WRONG_KEY)
    check_printed(DOCS / "api" / "promo-codes.md", page.text())
