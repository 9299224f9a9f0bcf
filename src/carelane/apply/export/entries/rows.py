"""From a record to its entry, and from an entry to what YAML holds. No I/O."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any
from uuid import UUID

import msgspec
from msgspec import NODEFAULT, UNSET, UnsetType

from carelane.apply.catalog.schemas import BundleEntry, FormEntry, ProductEntry, QuestionEntry
from carelane.apply.export.access import Standing
from carelane.apply.mail_templates.schemas import MailTemplateEntry
from carelane.apply.partners.schemas import DrugEntry
from carelane.apply.people.availability.schemas import AvailabilityEntry
from carelane.apply.places.schemas import TaxEntry
from carelane.apply.promo_codes.schemas import PromoCodeEntry
from carelane.apply.views import decimal_text
from carelane.calendar.availability.queries import Availability
from carelane.catalog.desk.queries import SoldProduct
from carelane.catalog.queries import FullBundle
from carelane.forms.catalog.queries import CatalogForm
from carelane.forms.queries import Question
from carelane.kit.languages import choices
from carelane.kit.money import decimal_string
from carelane.messages.templates.queries import TemplateRow
from carelane.messages.templates.schemas import KINDS
from carelane.pharmacies.queries import Drug
from carelane.promo_codes.queries import PromoCode
from carelane.taxes.queries import TaxRow


def plain(entry: Any) -> Any:
    """As YAML holds it: by the file's keys, and without what the file need not say."""
    if isinstance(entry, msgspec.Struct):
        members = ((field, getattr(entry, field.name)) for field in msgspec.structs.fields(entry))
        return {field.encode_name: plain(value) for field, value in members if not _is_usual(field, value)}
    if isinstance(entry, list | tuple):
        return [plain(one) for one in entry]
    return msgspec.to_builtins(entry)


def _is_usual(field: msgspec.structs.FieldInfo, value: Any) -> bool:
    if value is UNSET:
        return True
    usual = field.default_factory() if field.default_factory is not NODEFAULT else field.default
    return usual is not NODEFAULT and bool(usual == value)


class Names:
    """What an entry calls another: its name, if it is the first of that name; else its id, which the rules of the file judge."""

    def __init__(self, standing: Standing) -> None:
        self.product = _caller(standing.products)
        self.form = _caller(standing.forms)
        self.bundle = _caller(standing.bundles)
        self.location = _caller(standing.locations)
        self.tax = _caller(standing.taxes)


def _caller(records: Iterable[Any]) -> Callable[[UUID], str]:
    ids: dict[str, UUID] = {}
    for record in records:
        ids.setdefault(record.name, record.id)
    names = {record: name for name, record in ids.items()}
    return lambda record: names.get(record, str(record))


def product_entry(one: SoldProduct, names: Names) -> ProductEntry:
    """Without what is usual of a new one: where the file is applied again, that stays as it stands."""
    return ProductEntry(
        name=one.name,
        price=decimal_string(one.price_cents, one.currency),
        id=one.id,
        description=one.description,
        image_url=one.image_url,
        currency=one.currency,
        is_active=one.is_active,
        category=_unless_none(one.category),
        brand_name=_unless_none(one.brand_name),
        type=one.type if one.type != "PRODUCT" else UNSET,
        internal_notes=_unless_none(one.internal_notes),
        exempted_taxes=[names.tax(tax) for tax in one.exempted_tax_ids] or UNSET,
    )


def _unless_none(text: str | None) -> str | UnsetType:
    return UNSET if text is None else text


def form_entry(form: CatalogForm) -> FormEntry:
    return FormEntry(
        name=form.name,
        id=form.id,
        description=form.description,
        is_active=form.is_active,
        show_steps_individually=form.show_steps_individually,
        questions=[_question(question) for question in form.questions],
    )


def _question(question: Question) -> QuestionEntry:
    values: dict[str, Any] = {name: getattr(question, name) for name in _OF_QUESTIONS}
    flags = question.flags or None
    option_flags = flags.options if flags else {}
    return QuestionEntry(**values, flag=flags and flags.any, option_flags=option_flags, carry=bool(question.carry))


_OF_QUESTIONS = tuple(name for name in QuestionEntry.__struct_fields__ if name not in {"flag", "option_flags", "carry"})


def bundle_entry(one: FullBundle, names: Names) -> BundleEntry:
    values: dict[str, Any] = {name: getattr(one, name) for name in BundleEntry.__struct_fields__ if hasattr(one, name)}
    own: dict[str, Any] = {
        "price": decimal_string(one.price_cents, one.currency),
        "price_unit": one.currency,
        "initial_discount": decimal_string(one.initial_discount_cents, one.currency)
        if one.initial_discount_cents
        else 0,
        "products": [names.product(product) for product in one.product_ids],
        "intake_form": names.form(one.intake_form_id) if one.intake_form_id else None,
        "followup_form": names.form(one.followup_form_id) if one.followup_form_id else None,
    }
    return BundleEntry(**(values | own))


def tax_entry(one: TaxRow, names: Names) -> TaxEntry:
    return TaxEntry(
        name=one.name,
        percentage=decimal_text(one.percentage),
        id=one.id,
        scope=one.scope,
        categories=one.category_names,
        locations=[names.location(place) for place in one.location_ids],
        is_active=one.is_active,
    )


def promo_code_entry(one: PromoCode, names: Names) -> PromoCodeEntry:
    values: dict[str, Any] = {
        name: getattr(one, name) for name in PromoCodeEntry.__struct_fields__ if hasattr(one, name)
    }
    amount, percentage = one.discount_amount_cents, one.discount_percentage
    own: dict[str, Any] = {
        "discount_percentage": None if percentage is None else decimal_text(percentage),
        "discount_amount": None if amount is None else decimal_string(amount, one.currency),
        "bundles": [names.bundle(bundle) for bundle in one.bundle_ids],
    }
    return PromoCodeEntry(**(values | own))


def drug_entry(one: Drug, names: Names) -> DrugEntry:
    values: dict[str, Any] = {name: getattr(one, name) for name in DrugEntry.__struct_fields__ if hasattr(one, name)}
    return DrugEntry(**values, product=names.product(one.product_id) if one.product_id else None)


def availability_entry(one: Availability) -> AvailabilityEntry:
    values: dict[str, Any] = {name: getattr(one, name) for name in AvailabilityEntry.__struct_fields__}
    return AvailabilityEntry(**values)


def mail_template_entries(rows: Iterable[TemplateRow]) -> Iterator[MailTemplateEntry]:
    """In the order of the page, whenever they were written."""
    there = {(row.kind, row.language): row for row in rows}
    for kind in KINDS:
        for language in choices():
            row = there.get((kind, language))
            if row is not None:
                yield MailTemplateEntry(kind=kind, language=language, subject=row.subject, text=row.text, html=row.html)
