"""Whatever administrators set by the staff API, and so by the console's pages, an organization file can say."""

import typing
from collections.abc import Iterator

import msgspec
import pytest

from carelane.apply.branding.schemas import BrandingEntry
from carelane.apply.catalog.schemas import BundleEntry, FormEntry, ProductEntry, QuestionEntry
from carelane.apply.mail_templates.schemas import MailTemplateEntry
from carelane.apply.organization.schemas import CredentialEntry, OrganizationEntry
from carelane.apply.partners.schemas import DrugEntry, PharmacyEntry, WebhookEntry
from carelane.apply.payments.schemas import FeeEntry, GatewayEntry, PaymentsEntry
from carelane.apply.people.availability.schemas import AvailabilityEntry
from carelane.apply.people.schemas import LicenseEntry, StaffEntry
from carelane.apply.places.schemas import LocationEntry, TaxEntry
from carelane.apply.promo_codes.schemas import PromoCodeEntry
from carelane.clinic.fees.schemas import PaymentFeeIn
from carelane.clinic.people.schemas import MemberAddressIn, MemberLicenseIn
from carelane.forms.catalog.schemas import AskedQuestionIn
from carelane.surfaces.staff import _ROUTES

# By what is sent: what the file has for it. Of a branding page the name is the organization's.
SAYS = {
    "OrganizationSettingsIn": OrganizationEntry, "CredentialPatch": CredentialEntry, "MemberSettingsIn": StaffEntry,
    "MemberLicenseIn": LicenseEntry, "PharmacySettingsIn": PharmacyEntry, "GatewayAccountIn": GatewayEntry,
    "PaymentTermsIn": PaymentsEntry, "EndpointIn": WebhookEntry, "EndpointPatch": WebhookEntry, "BrandingIn": BrandingEntry,
    "SoldProductIn": ProductEntry, "OfferedBundleIn": BundleEntry, "AskedFormIn": FormEntry, "AskedQuestionIn": QuestionEntry,
    "PromoCodeIn": PromoCodeEntry, "RaisedTaxIn": TaxEntry, "PlaceIn": LocationEntry, "DrugIn": DrugEntry,
    "MailTemplateIn": MailTemplateEntry, "PaymentFeesIn": PaymentsEntry, "PaymentFeeIn": FeeEntry, "AvailabilityIn": AvailabilityEntry,
    "MemberEmailIn": StaffEntry, "MemberAddressIn": StaffEntry,
}  # fmt: skip
# The credential's kind is its section, the picture's use its key (`logos`); the rest changes nothing that is set.
OTHERWISE = {"CredentialIn", "LogoIn", "FileCheckIn", "MailWordsIn", "RotateSecretIn", "ReplayRangeIn"}
TAGS = {"Staff: settings", "Staff: catalog", "Staff: webhooks", "Staff: mail templates"}
# Of another name in the file.
CALLED = {
    "exempted_tax_ids": "exempted_taxes", "product_ids": "products", "product_id": "product", "bundle_ids": "bundles",
    "location_ids": "locations", "category_names": "categories", "intake_form_id": "intake_form", "followup_form_id": "followup_form",
    "form_id": "form", "default_bundle_id": "default_bundle",
}  # fmt: skip
NOT_SET = {"version", "updated_at"}
# What bodies hold. Of `address` the fields are the member's own in the file.
PARTS = {AskedQuestionIn, MemberAddressIn, MemberLicenseIn, PaymentFeeIn}
HELD = {"address"}


def bodies() -> Iterator[type[msgspec.Struct]]:
    """What the routes of these tags take."""
    for handler in (handler for routes in _ROUTES for handler in routes.handlers):
        body = typing.get_type_hints(handler.fn).get("data")
        if body is not None and TAGS & set(handler.tags or ()):
            yield body


def test_every_body_is_known():
    assert {body.__name__ for body in bodies()} <= set(SAYS) | OTHERWISE


@pytest.mark.parametrize("body", sorted({*bodies(), *PARTS}, key=lambda body: body.__name__))
def test_each_field_is_in_the_file(body):
    if body.__name__ in OTHERWISE:
        return
    known = set(SAYS[body.__name__].__struct_fields__) | ({"name"} if body.__name__ == "BrandingIn" else set())
    fields = {CALLED.get(name, name) for name in body.__struct_fields__} - NOT_SET - HELD
    assert fields - known == set()
