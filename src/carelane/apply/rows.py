"""What an organization file becomes in the database: its parts as rows. Pure; ids that were not given are derived."""

import hashlib
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

import msgspec

from carelane.apply.queries import BundleRow, FormRow, LatestVersion, ProductRow, QuestionRow, VersionRow
from carelane.apply.schemas import BundleEntry, FormEntry, OrganizationEntry, OrganizationFile, QuestionEntry
from carelane.kit.ids import uuid7
from carelane.kit.money import to_cents
from carelane.organizations.queries import Organization

# Organizations without a given id get the same one wherever the same file is applied.
_NAMESPACE = UUID("5e0c9d0a-6f0b-4c55-9d0c-b1b3c1a0b7de")

Ids = Mapping[str, UUID]


def derived_organization_id(tenant: str) -> UUID:
    return uuid5(_NAMESPACE, tenant)


def organization_row(organization_id: UUID, wanted: OrganizationEntry) -> Organization:
    return Organization(id=organization_id, **msgspec.structs.asdict(wanted))


def ids_by_name(organization_id: UUID, kind: str, wanted: list[Any], existing: list[Any]) -> dict[str, UUID]:
    """For each wanted part its id: the given one, that of the existing part of the same name, else a derived one.

    Several existing parts may have one name, since the billing dialect makes them too: then the one that a file made counts.
    """
    derived = {part.name: uuid5(organization_id, f"{kind}:{part.name}") for part in wanted}
    # Of one name the derived id comes last, and so is the one that stays.
    known = {part.name: part.id for part in sorted(existing, key=lambda part: part.id == derived.get(part.name))}
    return {part.name: getattr(part, "id", None) or known.get(part.name) or derived[part.name] for part in wanted}


def product_rows(organization_id: UUID, file: OrganizationFile, ids: Ids) -> list[ProductRow]:
    return [
        ProductRow(
            organization_id=organization_id,
            id=ids[product.name],
            name=product.name,
            description=product.description,
            image_url=product.image_url,
            price_cents=_cents(product.price),
            currency=product.currency,
            is_active=product.is_active,
        )
        for product in file.products
    ]


def form_rows(organization_id: UUID, file: OrganizationFile, ids: Ids) -> list[FormRow]:
    return [
        FormRow(
            organization_id=organization_id,
            id=ids[form.name],
            name=form.name,
            description=form.description,
            is_active=form.is_active,
        )
        for form in file.forms
    ]


def bundle_rows(
    organization_id: UUID, file: OrganizationFile, ids: Ids, product_ids: Ids, form_ids: Ids
) -> list[BundleRow]:
    return [_bundle_row(organization_id, bundle, ids, product_ids, form_ids) for bundle in file.bundles]


def _bundle_row(organization_id: UUID, bundle: BundleEntry, ids: Ids, product_ids: Ids, form_ids: Ids) -> BundleRow:
    return BundleRow(
        organization_id=organization_id,
        id=ids[bundle.name],
        name=bundle.name,
        description=bundle.description,
        image_url=bundle.image_url,
        price_cents=_cents(bundle.price),
        initial_discount_cents=_cents(bundle.initial_discount),
        currency=bundle.price_unit,
        is_sold_out=bundle.is_sold_out,
        is_visible=bundle.is_visible,
        intake_form_id=form_ids[bundle.intake_form] if bundle.intake_form else None,
        followup_form_id=form_ids[bundle.followup_form] if bundle.followup_form else None,
        # The rules made sure that what is no name is an id.
        product_ids=sorted({product_ids.get(named) or UUID(named) for named in bundle.products}),
    )


def next_version(
    organization_id: UUID, form_id: UUID, form: FormEntry, latest: LatestVersion | None
) -> tuple[VersionRow, list[QuestionRow]] | None:
    """The version to write, or None when the newest one has these very questions."""
    questions_digest = hashlib.sha256(msgspec.json.encode(form.questions)).digest()
    number = latest.number + 1 if latest else 1
    if latest is not None:
        if latest.questions_digest in (questions_digest, _repeated_digest(questions_digest, latest.number)):
            return None
        # A form that goes back to earlier questions gets a new version all the same: the newest one is the one shown.
        if questions_digest in latest.digests:
            questions_digest = _repeated_digest(questions_digest, number)
    version = VersionRow(
        organization_id=organization_id, id=uuid7(), form_id=form_id, number=number, questions_digest=questions_digest
    )
    return version, [_question_row(version, index, question) for index, question in enumerate(form.questions)]


def _repeated_digest(questions_digest: bytes, number: int) -> bytes:
    return hashlib.sha256(questions_digest + str(number).encode()).digest()


def _question_row(version: VersionRow, index: int, question: QuestionEntry) -> QuestionRow:
    return QuestionRow(
        organization_id=version.organization_id,
        id=uuid7(),
        form_version_id=version.id,
        index=index,
        text=question.text,
        type=question.type,
        required=question.required,
        is_phi=question.is_phi,
        options=question.options,
        hint=question.hint,
        placeholder=question.placeholder,
        render_mode=question.render_mode,
        condition=msgspec.to_builtins(question.condition),
        organization_document=msgspec.to_builtins(question.organization_document),
    )


def _cents(amount: int | str) -> int:
    return to_cents(Decimal(amount))
