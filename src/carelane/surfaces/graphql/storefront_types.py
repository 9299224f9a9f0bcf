"""What a storefront shows, below the info itself: forms, bundles, questions and answers, what customers said."""

import strawberry
from strawberry import ID

from carelane.surfaces.graphql.scalars import DateTime, Json


@strawberry.type
class Category:
    id: ID
    name: str


@strawberry.type
class Product:
    id: ID
    name: str
    image_url: str | None
    categories: list[Category]


@strawberry.type
class OrganizationReference:
    id: ID


@strawberry.type
class QuestionCondition:
    """The question is asked only when an earlier one, counted from 0, got this response, or one of these."""

    question_index: int
    response: Json


@strawberry.type
class OrganizationDocument:
    id: ID
    file_name: str
    is_global: bool


@strawberry.type
class Question:
    id: ID
    index: int
    text: str
    type: str
    hint: str | None
    is_phi: bool = strawberry.field(name="isPHI")
    options: list[str]
    placeholder: str | None
    required: bool
    render_mode: str | None
    condition: QuestionCondition | None
    document: OrganizationDocument | None


@strawberry.type
class Form:
    id: ID
    name: str
    description: str | None
    is_active: bool
    version_id: ID
    version_number: int
    show_steps_individually: bool
    organization: OrganizationReference
    questions: list[Question]


@strawberry.type
class FormVersion:
    """The forms that whoever takes a bundle is asked."""

    forms: list[Form]


@strawberry.type
class ProductBundle:
    """Amounts are numbers, in the currency `priceUnit`."""

    id: ID
    name: str
    description: str | None
    image_url: str | None
    price: float
    price_unit: str
    initial_discount: float
    is_sold_out: bool
    is_visible: bool
    link_name: str | None
    tag: str | None
    sold_out_list_text: str | None
    sold_out_list_color: str | None
    sold_out_modal_text: str | None
    sold_out_modal_color: str | None
    products: list[Product]
    form_version: FormVersion | None


@strawberry.type
class Faq:
    id: ID
    question: str
    answer: str
    index: int


@strawberry.type
class PromoCode:
    name: str
    label: str | None
    description: str | None


@strawberry.type
class OrganizationTestimonial:
    id: ID
    customer_name: str
    title: str | None
    content: str
    rating: int
    is_verified: bool
    created_at: DateTime


@strawberry.type
class PartnerIntegrationInfo:
    id: ID
    link_name: str


@strawberry.type
class CaseCategory:
    id: ID
    name: str


@strawberry.type
class OrganizationBrandInfo:
    id: ID
    name: str
    is_partner: bool
    contact_email: str | None
    partner_integration_info_id: ID | None
    partner_integration_info: PartnerIntegrationInfo | None


@strawberry.type
class Organization(OrganizationBrandInfo):
    """One's own."""

    case_categories: list[CaseCategory]
