"""What may stand in an organization file. Unknown keys are refused: a misspelt one would be lost silently."""

from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta, field

from carelane.apply.partners.schemas import DrugEntry, PharmacyEntry, WebhookEntry
from carelane.apply.parts import MAX_ITEMS, Link, Name, Secret, Text
from carelane.apply.people.schemas import StaffEntry
from carelane.apply.places.schemas import LocationEntry, TaxEntry

# Read as text, so that 99.99 stays exact.
Amount = Annotated[int, Meta(ge=0, le=99_999_999)] | Annotated[str, Meta(pattern=r"^[0-9]{1,8}(\.[0-9]{1,2})?$")]
Currency = Annotated[str, Meta(pattern="^[A-Z]{3}$")]
QuestionType = Annotated[
    str,
    Meta(
        pattern="^(TEXT|BOOLEAN|DATE|DATERANGE|SINGLESELECT|MULTISELECT|FILE|STATEMENT|"
        "WIDGET_(BMI|STATE_PICKER|USER_ID_DOCUMENT|VISIT_TYPE))$"
    ),
]
MAX_DRUGS = 10_000
MAX_WEBHOOKS = 100


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    pass


class OrganizationEntry(_Part, frozen=True):
    tenant: Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9-]{1,62}$")]
    name: Name
    case_prefix: Annotated[str, Meta(pattern="^[A-Z]{2,5}$")]
    id: UUID | None = None
    case_type: Annotated[str, Meta(pattern="^[A-Z][A-Z0-9_]{0,39}$")] = "GLP"
    validation_profile: Annotated[str, Meta(pattern="^(compat|strict)$")] = "compat"
    assignment_policy: Annotated[str, Meta(pattern="^(none|round_robin|least_loaded)$")] = "none"
    notification_emails: Annotated[
        list[Annotated[str, Meta(pattern=r"^[^@\s]+@[^@\s]+$", max_length=254)]], Meta(max_length=50)
    ] = []
    # What carts are priced in.
    currency: Currency = "USD"
    # Of the billing dialect; without it the setting's.
    requests_per_minute: Annotated[int, Meta(ge=1, le=10_000_000)] | None = None


class CredentialEntry(_Part, frozen=True):
    name: Name
    scopes: list[str]
    id: UUID | None = None
    secret: Secret | None = None
    revoked: bool = False

    def __repr__(self) -> str:
        return "CredentialEntry(***)"


class ProductEntry(_Part, frozen=True):
    name: Name
    price: Amount
    id: UUID | None = None
    description: Text | None = None
    image_url: Link | None = None
    currency: Currency = "USD"
    is_active: bool = True


class ConditionEntry(_Part, frozen=True):
    """The question is asked only when an earlier one, counted from 0, got this response."""

    question_index: Annotated[int, Meta(ge=0)]
    response: Annotated[str, Meta(max_length=500)] | list[Annotated[str, Meta(max_length=500)]]


class OrganizationDocumentEntry(_Part, frozen=True):
    """What the patient reads or signs with the question."""

    id: UUID
    file_name: Annotated[str, Meta(min_length=1, max_length=255)]
    is_global: bool = False


class QuestionEntry(_Part, frozen=True):
    text: Annotated[str, Meta(min_length=1, max_length=10_000)]
    type: QuestionType
    required: bool = False
    is_phi: bool = field(default=False, name="isPHI")
    options: Annotated[list[Annotated[str, Meta(min_length=1, max_length=500)]], Meta(max_length=200)] = []
    hint: Text | None = None
    placeholder: Text | None = None
    render_mode: Annotated[str, Meta(max_length=40)] | None = None
    condition: ConditionEntry | None = None
    organization_document: OrganizationDocumentEntry | None = None


class FormEntry(_Part, frozen=True):
    name: Name
    questions: Annotated[list[QuestionEntry], Meta(min_length=1, max_length=200)]
    description: Text | None = None
    is_active: bool = True


class BundleEntry(_Part, frozen=True):
    """`products` names products of the same file, by name or id; the forms likewise, by name."""

    name: Name
    price: Amount
    id: UUID | None = None
    image_url: Link | None = None
    description: Text | None = None
    price_unit: Currency = "USD"
    initial_discount: Amount = 0
    is_sold_out: bool = False
    is_visible: bool = True
    products: Annotated[list[str], Meta(max_length=100)] = []
    intake_form: str | None = None
    followup_form: str | None = None


class OrganizationFile(_Part, frozen=True):
    """One organization and what belongs to it."""

    organization: OrganizationEntry
    keys: Annotated[list[CredentialEntry], Meta(max_length=MAX_ITEMS)] = []
    clients: Annotated[list[CredentialEntry], Meta(max_length=MAX_ITEMS)] = []
    products: Annotated[list[ProductEntry], Meta(max_length=MAX_ITEMS)] = []
    forms: Annotated[list[FormEntry], Meta(max_length=MAX_ITEMS)] = []
    bundles: Annotated[list[BundleEntry], Meta(max_length=MAX_ITEMS)] = []
    staff: Annotated[list[StaffEntry], Meta(max_length=MAX_ITEMS)] = []
    pharmacies: Annotated[list[PharmacyEntry], Meta(max_length=MAX_ITEMS)] = []
    drugs: Annotated[list[DrugEntry], Meta(max_length=MAX_DRUGS)] = []
    webhooks: Annotated[list[WebhookEntry], Meta(max_length=MAX_WEBHOOKS)] = []
    locations: Annotated[list[LocationEntry], Meta(max_length=MAX_ITEMS)] = []
    taxes: Annotated[list[TaxEntry], Meta(max_length=MAX_ITEMS)] = []


class OrganizationsFile(_Part, frozen=True):
    """Several organizations in one file."""

    organizations: Annotated[list[OrganizationFile], Meta(min_length=1, max_length=100)]
