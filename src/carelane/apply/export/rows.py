"""From records to the entries of an organization file. No I/O."""

import re
from typing import Any

import msgspec

from carelane.apply.branding.schemas import BrandingEntry
from carelane.apply.export.access import Standing
from carelane.apply.export.entries.rows import (
    Names,
    availability_entry,
    bundle_entry,
    drug_entry,
    form_entry,
    mail_template_entries,
    plain,
    product_entry,
    promo_code_entry,
    tax_entry,
)
from carelane.apply.logos.schemas import write_picture
from carelane.apply.organization.schemas import CredentialEntry, OrganizationEntry
from carelane.apply.partners.schemas import PharmacyEntry, WebhookEntry
from carelane.apply.payments.schemas import FeeEntry
from carelane.apply.people.schemas import LicenseEntry, StaffEntry
from carelane.apply.places.schemas import LocationEntry
from carelane.clinic.fees.schemas import NAMES
from carelane.kit.ids import record_id
from carelane.kit.money import decimal_string
from carelane.payments.accounts.queries import GatewayAccount, Terms
from carelane.pharmacies.actions import SIMULATORS
from carelane.pharmacies.queries import SECRET, Pharmacy
from carelane.pharmacies.schemas import SIMULATOR_SECRET
from carelane.staff.queries import Member

Raw = dict[str, Any]
_NOT_IN_NAMES = re.compile(r"[^A-Z0-9]+")
_MAX_VARIABLE_CHARACTERS = 80
# Of the length and the form that the rules of the file ask for; stands for a secret where only the rules are checked.
LONG = "0123456789abcdef" * 3


class Variables:
    """The variables that stand for secrets, each with a text that the rules would take."""

    def __init__(self) -> None:
        self.examples: dict[str, str] = {}

    def take(self, *words: str, example: str = LONG) -> str:
        """`${KEY_STOREFRONT_SECRET}`; another record of that name gets another variable."""
        told = (_NOT_IN_NAMES.sub("_", word.upper()).strip("_") for word in words)
        usual = "_".join(word for word in told if word)[:_MAX_VARIABLE_CHARACTERS]
        name, number = usual, 1
        while name in self.examples:
            number += 1
            name = f"{usual}_{number}"
        self.examples[name] = f"{example}{len(self.examples):04}"
        return f"${{{name}}}"


class Writer:
    """Makes a file's sections of what stands. Without secrets they stay as they are, and are made where there are none."""

    def __init__(self, standing: Standing, *, with_secrets: bool) -> None:
        self._standing = standing
        self._with_secrets = with_secrets
        self._names = Names(standing)
        self.variables = Variables()

    def sections(self) -> Raw:
        """By the file's keys, in its order; those that have nothing to say are left out."""
        standing = self._standing
        own = msgspec.structs.asdict(standing.organization)
        found: dict[str, Any] = {
            "organization": plain(OrganizationEntry(**own)),
            "payments": self._payments(),
            "branding": self._branding(),
            "keys": self._credentials("key"),
            "clients": self._credentials("client"),
            "products": [plain(product_entry(one, self._names)) for one in standing.products],
            "forms": [plain(form_entry(one)) for one in standing.forms],
            "bundles": [plain(bundle_entry(one, self._names)) for one in standing.bundles],
            "locations": [plain(LocationEntry(**msgspec.structs.asdict(one))) for one in standing.locations],
            "taxes": [plain(tax_entry(one, self._names)) for one in standing.taxes],
            "promoCodes": [plain(promo_code_entry(one, self._names)) for one in standing.promo_codes],
            "staff": [self._member(one) for one in standing.members],
            "pharmacies": [plain(self._pharmacy(one)) for one in standing.pharmacies],
            "drugs": [plain(drug_entry(one, self._names)) for one in standing.drugs],
            "webhooks": self._webhooks(),
            "mailTemplates": [plain(one) for one in mail_template_entries(standing.mail_templates)],
            # Last: they are long, and nobody reads them.
            "logos": {use: write_picture(content) for use, content in sorted(standing.logos.items())},
        }
        return {name: entries for name, entries in found.items() if entries}

    def _secret(self, *words: str, example: str = LONG) -> str | None:
        return self.variables.take(*words, example=example) if self._with_secrets else None

    def _payments(self) -> Raw:
        """Terms and accounts. What needs an account cannot be said without one (`unsayable_payments`)."""
        terms = self._standing.terms
        if why_no_payments(terms, bool(self._standing.accounts)) is not None:
            return {}
        said: Raw = {"policy": terms.policy, "orderRequiresPayment": terms.order_requires_payment}
        said["fees"] = [
            plain(FeeEntry(NAMES[fee.kind], decimal_string(fee.amount_cents, fee.currency), fee.label))
            for fee in terms.fees
        ]
        accounts = {"test" if one.is_test else "live": self._account(one) for one in self._standing.accounts}
        said["gateways"] = {"stripe": accounts} if accounts else None
        return {key: value for key, value in said.items() if value not in (None, [])}

    def _account(self, account: GatewayAccount) -> Raw:
        """A previous secret is named in any case: left out, it would be good no more."""
        mode = "test" if account.is_test else "live"
        said: Raw = {"isActive": account.is_active}
        if self._with_secrets:
            said["secretKey"] = self.variables.take("STRIPE", mode, "KEY", example=f"sk_{mode}_{LONG}")
            if account.webhook_secret_sealed is not None:
                said["webhookSecret"] = self.variables.take("STRIPE", mode, "WEBHOOK_SECRET", example=f"whsec_{LONG}")
        if account.previous_webhook_secret_sealed is not None:
            words = ("STRIPE", mode, "PREVIOUS_WEBHOOK_SECRET")
            said["previousWebhookSecret"] = self.variables.take(*words, example=f"whsec_{LONG}")
        return said

    def _branding(self) -> Raw:
        there = self._standing.branding
        if there is None:
            return {}
        named: dict[str, Any] = {
            "form": self._names.form(there.form_id) if there.form_id else None,
            "default_bundle": self._names.bundle(there.default_bundle_id) if there.default_bundle_id else None,
        }
        values: dict[str, Any] = {
            name: getattr(there, name) for name in BrandingEntry.__struct_fields__ if hasattr(there, name)
        }
        said: Raw = plain(BrandingEntry(**(values | named)))
        return said

    def _credentials(self, kind: str) -> list[Raw]:
        """Those that are good: a file cannot bring back a revoked one."""
        return [
            plain(
                CredentialEntry(
                    name=one.name, scopes=one.scopes, id=one.id, secret=self._secret(kind, one.name, "SECRET")
                )
            )
            for one in self._standing.credentials
            if one.kind == kind and not one.is_revoked
        ]

    def _member(self, member: Member) -> Raw:
        values = {name: getattr(member, name) for name in StaffEntry.__struct_fields__ if hasattr(member, name)}
        hours = self._standing.availability.get(member.id)
        has_own_name = (
            member.given_id is not None and record_id(self._standing.organization.id, member.given_id) == member.id
        )
        own = {
            "id": None if has_own_name else member.id,
            "given_id": member.given_id if has_own_name else None,
            "is_active": not member.is_deactivated,
            "licenses": [
                LicenseEntry(state=one.state, number=one.number, expires_on=one.expires_on) for one in member.licenses
            ],
            "availability": availability_entry(hours) if hours else None,
        }
        said: Raw = plain(StaffEntry(**(values | own)))
        return said

    def _pharmacy(self, one: Pharmacy) -> PharmacyEntry:
        values = {name: getattr(one, name) for name in PharmacyEntry.__struct_fields__ if hasattr(one, name)}
        return PharmacyEntry(
            **values, secret=None if self._is_usual(one) else self._secret("PHARMACY", one.code, "SECRET")
        )

    def _is_usual(self, one: Pharmacy) -> bool:
        """Whether its secret is what the simulator takes without being told."""
        return (
            one.adapter in SIMULATORS
            and self._standing.data_key.open(one.secret_sealed, SECRET, one.id) == SIMULATOR_SECRET.encode()
        )

    def _webhooks(self) -> list[Raw]:
        """Listeners are their storefronts'. Of those that had a name one after the other, the one that is on comes first."""
        listed = [one for one in self._standing.endpoints if one.dialect == "CARE"]
        return [
            plain(
                WebhookEntry(
                    name=one.name,
                    url=one.url,
                    id=one.id,
                    events=one.events,
                    document_format=one.document_format,  # type: ignore[arg-type]
                    payload=one.payload,  # type: ignore[arg-type]
                    secret_header=one.secret_header,
                    secret=self._secret("WEBHOOK", one.name, "SECRET"),
                    enabled=one.disabled_at is None,
                )
            )
            for one in sorted(listed, key=lambda one: one.disabled_at is not None)
        ]


def why_no_payments(terms: Terms, has_accounts: bool) -> str | None:
    """Why the file cannot say the terms of payment as they stand; "" when they say nothing."""
    if terms.policy != "unverified" and terms.test_account_id is None and terms.live_account_id is None:
        is_usual = terms.policy == "charge_on_approval" and terms.order_requires_payment is None and not terms.fees
        return "" if is_usual and not has_accounts else "no gateway account is active, and the policy needs one"
    if any(fee.currency != terms.currency for fee in terms.fees):
        return "a fee is in another currency than the organization's"
    return None
