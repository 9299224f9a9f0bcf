"""From the rows of a storefront to its types."""

from datetime import UTC, datetime, time
from typing import Any
from uuid import UUID, uuid5

import msgspec
from strawberry import ID

from carelane.catalog.storefront.queries import ShownBundle, ShownCatalog, ShownForm, ShownProduct, ShownQuestion
from carelane.kit.money import decimal_string
from carelane.organizations.branding.queries import Branding, ShownOrganization
from carelane.organizations.branding.schemas import TestimonialIn
from carelane.surfaces.graphql.scalars import DateTime, Json
from carelane.surfaces.graphql.storefront_types import (
    Category,
    Faq,
    Form,
    FormVersion,
    OrganizationDocument,
    OrganizationReference,
    OrganizationTestimonial,
    PartnerIntegrationInfo,
    Product,
    ProductBundle,
    Question,
    QuestionCondition,
)


def show_bundle(organization_id: UUID, catalog: ShownCatalog, bundle: ShownBundle) -> ProductBundle:
    form = catalog.forms.get(bundle.intake_form_id) if bundle.intake_form_id else None
    values = _values(bundle)
    for name in ("price_cents", "initial_discount_cents", "currency", "intake_form_id"):
        del values[name]
    return ProductBundle(
        **values
        | {
            "id": _id(bundle.id),
            # At most three decimals, so the nearest double prints as the amount itself.
            "price": float(decimal_string(bundle.price_cents, bundle.currency)),
            "price_unit": bundle.currency,
            "initial_discount": float(decimal_string(bundle.initial_discount_cents, bundle.currency)),
            "is_visible": True,
            "products": [_show_product(organization_id, product) for product in bundle.products],
            "form_version": FormVersion(forms=[show_form(organization_id, form)]) if form else None,
        }
    )


def _show_product(organization_id: UUID, product: ShownProduct) -> Product:
    """Categories are names; their ids are made of them, the same each time."""
    category = product.category
    categories = [Category(id=_id(uuid5(organization_id, f"category:{category}")), name=category)] if category else []
    return Product(id=_id(product.id), name=product.name, image_url=product.image_url, categories=categories)


def show_form(organization_id: UUID, form: ShownForm) -> Form:
    return Form(
        **_values(form)
        | {
            "id": _id(form.id),
            "version_id": _id(form.version_id),
            "organization": OrganizationReference(id=_id(organization_id)),
            "questions": [_show_question(question) for question in form.questions],
        }
    )


def _show_question(question: ShownQuestion) -> Question:
    condition, document = question.condition, question.document
    return Question(
        **_values(question)
        | {
            "id": _id(question.id),
            "condition": condition
            and QuestionCondition(question_index=condition["questionIndex"], response=Json(condition["response"])),
            "document": document
            and OrganizationDocument(
                id=ID(document["id"]), file_name=document["fileName"], is_global=document.get("isGlobal", False)
            ),
        }
    )


def show_faq(organization_id: UUID, branding: Branding) -> list[Faq]:
    return [
        Faq(
            id=_id(uuid5(organization_id, f"faq:{entry.question}")),
            question=entry.question,
            answer=entry.answer,
            index=index,
        )
        for index, entry in enumerate(branding.faq)
    ]


def show_testimonials(organization_id: UUID, branding: Branding) -> list[OrganizationTestimonial]:
    """Newest first."""
    newest_first = sorted(branding.testimonials, key=lambda each: each.created_at, reverse=True)
    return [_show_testimonial(organization_id, testimonial) for testimonial in newest_first]


def _show_testimonial(organization_id: UUID, testimonial: TestimonialIn) -> OrganizationTestimonial:
    said = f"testimonial:{testimonial.created_at}:{testimonial.customer_name}:{testimonial.content}"
    at = datetime.combine(testimonial.created_at, time(), UTC)
    return OrganizationTestimonial(
        **_values(testimonial) | {"id": _id(uuid5(organization_id, said)), "created_at": DateTime(at)}
    )


def show_brand(organization_id: UUID, shown: ShownOrganization) -> dict[str, Any]:
    """The members of an OrganizationBrandInfo."""
    branding = shown.branding
    return {
        "id": _id(organization_id),
        "name": shown.name,
        "is_partner": branding is not None and branding.is_partner,
        "contact_email": branding and branding.contact_email,
        "partner_integration_info_id": branding and _id(branding.id),
        "partner_integration_info": branding
        and PartnerIntegrationInfo(id=_id(branding.id), link_name=branding.link_name),
    }


def _id(of: UUID) -> ID:
    return ID(str(of))


def _values(row: msgspec.Struct) -> dict[str, Any]:
    return msgspec.structs.asdict(row)
