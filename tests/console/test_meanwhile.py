"""What somebody else saved while a form was open: it is shown, and what is not shown is not overwritten."""

import re

import msgspec
import pytest

from carelane.calendar.availability.schemas import WEEKDAYS
from carelane.catalog.desk.schemas import OfferedBundleIn, SoldProductIn
from carelane.clinic.credentials.schemas import CredentialPatch
from carelane.clinic.fees.schemas import PaymentFeesIn
from carelane.clinic.gateway.schemas import GatewayAccountIn, PaymentTermsIn
from carelane.clinic.organization.schemas import OrganizationSettingsIn
from carelane.clinic.people.availability.schemas import AvailabilityIn
from carelane.clinic.people.schemas import MemberAddressIn, MemberEmailIn, MemberSettingsIn
from carelane.clinic.pharmacies.schemas import PharmacySettingsIn
from carelane.console.catalog.bundles import views as bundles
from carelane.console.catalog.codes import views as codes
from carelane.console.catalog.drugs import views as drugs
from carelane.console.catalog.locations import views as locations
from carelane.console.catalog.products import views as products
from carelane.console.catalog.taxes import views as taxes
from carelane.console.mails import views as mails
from carelane.console.people.hours import views as hours
from carelane.console.people.member import views as people
from carelane.console.settings.credentials import views as keys
from carelane.console.settings.fees import views as fees
from carelane.console.settings.gateway import views as gateway
from carelane.console.settings.organization import views as organization
from carelane.console.settings.pharmacies import views as pharmacies
from carelane.console.settings.webhooks import views as webhooks
from carelane.locations.desk.schemas import PlaceIn
from carelane.messages.templates.schemas import MailTemplateIn
from carelane.pharmacies.drugs.schemas import DrugIn
from carelane.promo_codes.desk.schemas import PromoCodeIn
from carelane.taxes.desk.schemas import RaisedTaxIn
from carelane.webhooks.endpoints.schemas import EndpointPatch
from tests.console.test_catalog_kept import changes
from tests.console.test_settings import GOOD, Office, version_in
from tests.console.world import sign_in
from tests.own_clinic import make_clinic
from tests.review.people import employ

# Called otherwise in the form than on the wire.
OTHERWISE = {"licenses": "held", "fees": "held", "exceptions": "different", "previousWebhookSecret": "forget"}


@pytest.fixture
async def office(services, ask, tmp_path):
    clinic = await make_clinic(services, tmp_path)
    return Office(services, ask, clinic, await sign_in(services, clinic, "ADMIN"))


@pytest.mark.parametrize(
    ("body", "compared"),
    [
        (OrganizationSettingsIn, organization.LABELS),
        (CredentialPatch, keys.LABELS),
        (PharmacySettingsIn, pharmacies.LABELS),
        (GatewayAccountIn, gateway.ACCOUNT_LABELS),
        (PaymentTermsIn, gateway.LABELS),
        (MemberSettingsIn, people.LABELS),
        (MemberEmailIn, people.EMAIL_LABELS),
        (AvailabilityIn, hours.LABELS),
        (PaymentFeesIn, fees.LABELS),
        (EndpointPatch, webhooks.LABELS),
        (MailTemplateIn, mails.NAMES),
        (SoldProductIn, products.NAMES),
        (OfferedBundleIn, bundles.NAMES),
        (PromoCodeIn, codes.NAMES),
        (RaisedTaxIn, taxes.NAMES),
        (PlaceIn, locations.NAMES),
        (DrugIn, drugs.NAMES),
    ],
)
def test_all_that_is_saved_is_compared(body, compared):
    saved = {OTHERWISE.get(field.encode_name, field.encode_name) for field in msgspec.structs.fields(body)}
    named = {field.encode_name for field in msgspec.structs.fields(MemberAddressIn)}
    parts = {"address": {f"address.{name}" for name in named}, "hours": set(WEEKDAYS)}
    # Neither when it was seen nor the word of who changes it is saved.
    expected = {part for name in saved - {"version", "updatedAt", "password"} for part in parts.get(name, {name})}
    assert expected == set(compared)


async def test_what_the_page_did_not_show_is_not_overwritten_the_second_time(office):
    account = {"mode": "test", "word": "test", "isActive": "true"}
    path = "/settings/gateway/account"
    await office.send(f"{path}/change", secretKey="sk_test_one", **account)
    seen = version_in(await office.see(f"{path}?mode=test"))
    await office.send(f"{path}/change", version=seen, webhookSecret="whsec_theirs", **account)
    kept = "SELECT secret_key_sealed, webhook_secret_sealed FROM gateway_accounts"
    theirs = await office.rows(kept)
    # Nothing of it is different, as far as the page can tell: it gives no newer version away.
    for _again in range(2):
        stale = await office.send(f"{path}/change", 409, version=seen, **account)
        assert changes(stale.text) == {}
        assert "Open it again" in stale.text
        assert version_in(stale.text) == seen
    assert await office.rows(kept) == theirs
    mine = account | {"secretKey": "sk_test_mine"}
    stale = await office.send(f"{path}/change", 409, version=seen, **mine)
    assert changes(stale.text) == {"Secret key": ("yes", "another one")}
    assert "sk_test_mine" not in stale.text
    await office.send(f"{path}/change", version=version_in(stale.text), **mine)
    ((key, webhook),) = await office.rows(kept)
    assert key != theirs[0][0]
    assert webhook == theirs[0][1]


async def test_boxes_and_lists_that_changed_are_shown_before_they_are_overwritten(office, services):
    nora = await employ(services, office.clinic, "Nora")
    path = f"/people/{nora.id}"
    form = {"firstName": "Nora", "lastName": "Berg", "role": "CASEWORKER"}
    form |= {"licenses[0].state": "NY", "licenses[0].number": "7", "licenses[0].expiresOn": "2031-06-30"}
    seen = version_in(await office.see(path))
    await office.send(f"{path}/change", version=seen, takesCases="true", **form)
    mine = form | {"licenses[0].expiresOn": "2032-06-30"}
    stale = await office.send(f"{path}/change", 409, version=seen, **mine)
    assert changes(stale.text) == {
        "Is given new cases": ("yes", "no"),
        "Licenses": ("NY 7, good until 2031-06-30", "NY 7, good until 2032-06-30"),
    }
    await office.send(f"{path}/change", version=version_in(stale.text), **mine)
    assert await office.rows(f"SELECT takes_cases FROM staff WHERE id = '{nora.id}'") == [(False,)]


async def test_a_word_that_says_no_is_told_from_none(office):
    await office.send(
        "/settings/gateway/account/change", mode="test", word="test", isActive="true", secretKey="sk_test_a"
    )
    page = "/settings/gateway"
    seen = version_in(await office.see(page))
    await office.send(f"{page}/terms", version=seen, policy="hold", orderRequiresPayment="false")
    stale = await office.send(f"{page}/terms", 409, version=seen, policy="hold", orderRequiresPayment="")
    assert changes(stale.text) == {"Orders wait for the payment": ("never", "once cases are charged here")}


async def test_other_settings_are_no_change_of_the_clinic(office):
    await office.send(
        "/settings/gateway/account/change", mode="test", word="test", isActive="true", secretKey="sk_test_a"
    )
    seen = version_in(await office.see("/settings"))
    terms = version_in(await office.see("/settings/gateway"))
    await office.send("/settings/gateway/terms", version=terms, policy="hold")
    await office.send("/settings/change", version=seen, **GOOD)


async def test_nothing_picked_is_everything_where_it_means_that(office):
    shop = {"name": "Shop", "url": "https://93.184.216.34/x", "payload": "FULL_CASE", "documentFormat": "URL"}
    made = await office.send("/settings/webhooks/make", 200, events=["CREATE_CASE"], **shop)
    path = re.search(r'/console(/settings/webhooks/[0-9a-f-]{36})"', made.text)[1]
    seen = version_in(await office.see(path))
    await office.send(f"{path}/change", version=seen, **shop)
    stale = await office.send(f"{path}/change", 409, version=seen, events=["CREATE_CASE"], **shop)
    assert changes(stale.text) == {"What it is told of": ("everything", "CREATE_CASE")}
