"""What may stand in an organization file, and the rules that reach across its sections."""

from typing import Annotated
from uuid import UUID

from msgspec import Meta

from carelane import permissions
from carelane.apply.branding import schemas as branding
from carelane.apply.branding.schemas import BrandingEntry
from carelane.apply.catalog import schemas as catalog
from carelane.apply.catalog.schemas import BundleEntry, FormEntry, ProductEntry
from carelane.apply.logos.schemas import LogosEntry
from carelane.apply.mail_templates import schemas as mail_templates
from carelane.apply.mail_templates.schemas import MailTemplateEntry
from carelane.apply.partners import schemas as partners
from carelane.apply.partners.schemas import DrugEntry, PharmacyEntry, WebhookEntry
from carelane.apply.payments import schemas as payments
from carelane.apply.payments.schemas import PaymentsEntry
from carelane.apply.people import schemas as people
from carelane.apply.people.schemas import StaffEntry
from carelane.apply.places import schemas as places
from carelane.apply.places.schemas import LocationEntry, TaxEntry
from carelane.apply.promo_codes import schemas as promo_codes
from carelane.apply.promo_codes.schemas import PromoCodeEntry
from carelane.apply.schemas import (
    MAX_ITEMS,
    MIN_SECRET_LENGTH,
    Currency,
    Entry,
    Line,
    Name,
    Problems,
    Secret,
    check_currency,
    repeated,
)
from carelane.kit.errors import FieldProblem
from carelane.kit.languages import SOURCE_LANGUAGE, choices, is_known
from carelane.organizations.access import ORIGIN_EXPECTED, is_origin
from carelane.organizations.schemas import (
    MAX_ORIGINS,
    AnswerWithinHours,
    CasePrefix,
    CaseType,
    NotificationEmails,
    RequestsPerMinute,
)
from carelane.webhooks.endpoints.actions import MAX_ENDPOINTS

MAX_DRUGS = 10_000
MAX_PROMO_CODES = 10_000


class OrganizationEntry(Entry, frozen=True):
    tenant: Annotated[
        str, Meta(pattern="^[a-z0-9][a-z0-9-]{1,62}$", description="2 to 63 lower-case letters, digits and hyphens")
    ]
    name: Name
    case_prefix: CasePrefix
    id: UUID | None = None
    case_type: CaseType = "GLP"
    validation_profile: Annotated[str, Meta(pattern="^(compat|strict)$", description="compat or strict")] = "compat"
    assignment_policy: Annotated[
        str, Meta(pattern="^(none|round_robin|least_loaded)$", description="none, round_robin or least_loaded")
    ] = "none"
    notification_emails: NotificationEmails = []
    # What carts are priced in.
    currency: Currency = "USD"
    # Of the billing dialect; without it the setting's.
    requests_per_minute: RequestsPerMinute | None = None
    # Whose pages may call us from a browser.
    storefront_origins: Annotated[list[Line], Meta(max_length=MAX_ORIGINS)] = []
    # How soon a case is answered, as the clinic promises: the queue is in that order.
    answer_within_hours: AnswerWithinHours = 24
    # What patients are written in, unless it is known what they read.
    language: Line = SOURCE_LANGUAGE


class CredentialEntry(Entry, frozen=True):
    name: Name
    scopes: list[str]
    id: UUID | None = None
    secret: Secret | None = None
    revoked: bool = False

    def __repr__(self) -> str:
        return "CredentialEntry(***)"


class OrganizationFile(Entry, frozen=True):
    """One organization and what belongs to it."""

    organization: OrganizationEntry
    payments: PaymentsEntry | None = None
    branding: BrandingEntry | None = None
    keys: Annotated[list[CredentialEntry], Meta(max_length=MAX_ITEMS)] = []
    clients: Annotated[list[CredentialEntry], Meta(max_length=MAX_ITEMS)] = []
    products: Annotated[list[ProductEntry], Meta(max_length=MAX_ITEMS)] = []
    forms: Annotated[list[FormEntry], Meta(max_length=MAX_ITEMS)] = []
    bundles: Annotated[list[BundleEntry], Meta(max_length=MAX_ITEMS)] = []
    staff: Annotated[list[StaffEntry], Meta(max_length=MAX_ITEMS)] = []
    pharmacies: Annotated[list[PharmacyEntry], Meta(max_length=MAX_ITEMS)] = []
    drugs: Annotated[list[DrugEntry], Meta(max_length=MAX_DRUGS)] = []
    webhooks: Annotated[list[WebhookEntry], Meta(max_length=MAX_ENDPOINTS)] = []
    promo_codes: Annotated[list[PromoCodeEntry], Meta(max_length=MAX_PROMO_CODES)] = []
    locations: Annotated[list[LocationEntry], Meta(max_length=MAX_ITEMS)] = []
    taxes: Annotated[list[TaxEntry], Meta(max_length=MAX_ITEMS)] = []
    mail_templates: Annotated[list[MailTemplateEntry], Meta(max_length=MAX_ITEMS)] = []
    logos: LogosEntry | None = None


class OrganizationsFile(Entry, frozen=True):
    """Several organizations in one file."""

    organizations: Annotated[list[OrganizationFile], Meta(min_length=1, max_length=100)]


def broken_rules(files: list[OrganizationFile]) -> list[FieldProblem]:
    """Every broken rule, with its place as the reader counts it: `organizations[1].bundles[0].price`."""
    problems: list[FieldProblem] = []
    for index, file in enumerate(files):
        prefix = f"organizations[{index}]." if len(files) > 1 else ""
        problems += [FieldProblem(prefix + found.field, found.problem) for found in _check(file)]
    tenants = [file.organization.tenant for file in files]
    link_names = [file.branding.link_name if file.branding else None for file in files]
    problems += [
        FieldProblem(f"{found.field}.branding.linkName", found.problem)
        for found in repeated("organizations", link_names)
    ]
    return problems + list(repeated("organizations", tenants))


def _check(file: OrganizationFile) -> Problems:
    yield from _check_credentials("keys", file.keys)
    yield from _check_credentials("clients", file.clients)
    sections = (
        ("forms", file.forms),
        ("products", file.products),
        ("bundles", file.bundles),
        ("locations", file.locations),
        ("taxes", file.taxes),
    )
    for section, entries in sections:
        yield from repeated(section, [entry.name for entry in entries])
        yield from repeated(section, [entry.id for entry in entries])
    yield from catalog.broken_rules(file.products, file.forms, file.bundles, {tax.name for tax in file.taxes})
    yield from branding.broken_rules(file.branding, file.bundles, file.forms)
    yield from promo_codes.broken_rules(file.promo_codes, {bundle.name for bundle in file.bundles})
    yield from repeated("promoCodes", [code.id for code in file.promo_codes])
    yield from check_currency("organization.currency", file.organization.currency)
    yield from payments.broken_rules(file.payments, file.organization.currency)
    yield from _check_origins("organization.storefrontOrigins", file.organization.storefront_origins)
    if not is_known(file.organization.language):
        yield FieldProblem("organization.language", f"expected one of {', '.join(choices())}")
    yield from people.broken_rules(file.staff)
    yield from mail_templates.broken_rules(file.mail_templates)
    yield from file.logos.broken_rules() if file.logos else ()
    yield from places.broken_rules(file.locations, file.taxes)
    known = catalog.references_of(file.products)
    yield from partners.broken_rules(file.pharmacies, file.drugs, file.webhooks, known)


def _check_origins(section: str, origins: list[str]) -> Problems:
    yield from repeated(section, origins)
    for index, origin in enumerate(origins):
        if not is_origin(origin):
            yield FieldProblem(f"{section}[{index}]", ORIGIN_EXPECTED)


def _check_credentials(section: str, credentials: list[CredentialEntry]) -> Problems:
    yield from repeated(section, [credential.name for credential in credentials])
    yield from repeated(section, [credential.id for credential in credentials])
    for index, credential in enumerate(credentials):
        place = f"{section}[{index}]"
        if credential.secret is not None and len(credential.secret) < MIN_SECRET_LENGTH:
            yield FieldProblem(f"{place}.secret", f"expected at least {MIN_SECRET_LENGTH} characters")
        for unknown in sorted(set(credential.scopes) - permissions.GRANTABLE):
            yield FieldProblem(
                f"{place}.scopes", f"{unknown} is unknown; there are {', '.join(sorted(permissions.GRANTABLE))}"
            )
