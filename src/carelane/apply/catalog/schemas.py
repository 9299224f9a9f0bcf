"""`products`, `forms` and `bundles` of an organization file."""

from typing import Annotated
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType, field

from carelane.apply.schemas import Currency, Entry, Line, Link, Name, Problems, Text, check_currency
from carelane.catalog.billing.items.schemas import ItemType, Label
from carelane.catalog.desk.schemas import MAX_TAXES
from carelane.forms.schemas import NOT_CARRIED
from carelane.kit.errors import FieldProblem
from carelane.kit.money import MAX_CENTS, read_amount
from carelane.organizations.branding.schemas import Color, LinkName

# Read as text, so that 99.99 stays exact.
Amount = (
    Annotated[int, Meta(ge=0, le=MAX_CENTS)]
    | Annotated[str, Meta(pattern=r"^[0-9]{1,10}(\.[0-9]{1,3})?$(?!\n)", description="an amount such as 159 or 99.99")]
)
QuestionType = Annotated[
    str,
    Meta(
        pattern="^(TEXT|BOOLEAN|DATE|DATERANGE|SINGLESELECT|MULTISELECT|FILE|STATEMENT|"
        "WIDGET_(BMI|STATE_PICKER|USER_ID_DOCUMENT|VISIT_TYPE))$",
        description="one of TEXT, BOOLEAN, DATE, DATERANGE, SINGLESELECT, MULTISELECT, FILE, STATEMENT, WIDGET_BMI, "
        "WIDGET_STATE_PICKER, WIDGET_USER_ID_DOCUMENT, WIDGET_VISIT_TYPE",
    ),
]


FlagText = Annotated[str, Meta(min_length=1, max_length=300, pattern=r"\S")]


class ProductEntry(Entry, frozen=True):
    """`exempted_taxes` names taxes of the same file. What may be unset stays as it is where it is left out."""

    name: Name
    price: Amount
    id: UUID | None = None
    description: Text | None = None
    image_url: Link | None = None
    currency: Currency = "USD"
    is_active: bool = True
    category: Label | UnsetType | None = UNSET
    brand_name: Label | UnsetType | None = UNSET
    type: ItemType | UnsetType = UNSET
    internal_notes: Text | UnsetType | None = UNSET
    exempted_taxes: Annotated[list[str], Meta(max_length=MAX_TAXES)] | UnsetType = UNSET


class ConditionEntry(Entry, frozen=True):
    """The question is asked only when an earlier one, counted from 0, got this response."""

    question_index: Annotated[int, Meta(ge=0)]
    response: Annotated[str, Meta(max_length=500)] | list[Annotated[str, Meta(max_length=500)]]


class OrganizationDocumentEntry(Entry, frozen=True):
    """What the patient reads or signs with the question."""

    id: UUID
    file_name: Annotated[str, Meta(min_length=1, max_length=255)]
    is_global: bool = False


class QuestionEntry(Entry, frozen=True):
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
    # Red flags: what a clinician sees first when the answer is not a no, or is this option.
    flag: FlagText | None = None
    option_flags: Annotated[dict[str, FlagText], Meta(max_length=200)] = {}
    # The answer holds from visit to visit.
    carry: bool = False


class FormEntry(Entry, frozen=True):
    """Found again by `id`, else by its name."""

    name: Name
    questions: Annotated[list[QuestionEntry], Meta(min_length=1, max_length=200)]
    id: UUID | None = None
    description: Text | None = None
    is_active: bool = True
    # Storefronts ask one question at a time.
    show_steps_individually: bool = False


class BundleEntry(Entry, frozen=True):
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
    # Sold no more, and shown to nobody.
    is_archived: bool = False
    products: Annotated[list[str], Meta(max_length=100)] = []
    intake_form: str | None = None
    followup_form: str | None = None
    # How a storefront shows it.
    link_name: LinkName | None = None
    tag: Line | None = None
    sold_out_list_text: Text | None = None
    sold_out_list_color: Color = None
    sold_out_modal_text: Text | None = None
    sold_out_modal_color: Color = None


def broken_rules(
    products: list[ProductEntry], forms: list[FormEntry], bundles: list[BundleEntry], taxes: set[str]
) -> Problems:
    """`taxes` are the names of the file's."""
    for index, product in enumerate(products):
        yield from check_currency(f"products[{index}].currency", product.currency)
        yield from _check_amount(f"products[{index}].price", product.price, product.currency)
        for at, named in enumerate(product.exempted_taxes or []):
            if named not in taxes:
                place = f"products[{index}].exemptedTaxes[{at}]"
                yield FieldProblem(place, f"no tax of this file has the name {named}")
    for index, form in enumerate(forms):
        yield from _check_form(f"forms[{index}]", form)
    known = references_of(products)
    form_names = {form.name for form in forms}
    for index, bundle in enumerate(bundles):
        yield from _check_bundle(f"bundles[{index}]", bundle, known, form_names)


def references_of(products: list[ProductEntry]) -> set[str]:
    """What a product of the file can be named by."""
    return {product.name for product in products} | {str(product.id) for product in products}


def _check_form(place: str, form: FormEntry) -> Problems:
    for index, question in enumerate(form.questions):
        yield from _check_question(f"{place}.questions[{index}]", index, question)


def _check_question(place: str, index: int, question: QuestionEntry) -> Problems:
    if question.type in ("SINGLESELECT", "MULTISELECT") and not question.options:
        yield FieldProblem(f"{place}.options", f"a {question.type} question needs options")
    yield from _check_flags(place, question)
    if question.carry and question.type in NOT_CARRIED:
        yield FieldProblem(f"{place}.carry", f"the answer to a {question.type} is not carried")
    if question.condition is not None and question.condition.question_index >= index:
        yield FieldProblem(
            f"{place}.condition.questionIndex", f"expected the index of an earlier question, below {index}"
        )


def _check_flags(place: str, question: QuestionEntry) -> Problems:
    if question.type == "STATEMENT" and (question.flag is not None or question.option_flags):
        yield FieldProblem(f"{place}.flag", "a STATEMENT asks nothing, so it has no flag")
    for option in question.option_flags:
        if option not in question.options and not (question.type == "BOOLEAN" and option in _YES_AND_NO):
            expected = "true or false" if question.type == "BOOLEAN" else "one of the question's options"
            yield FieldProblem(f"{place}.optionFlags", f"expected {expected} as the name of each flag")


_YES_AND_NO = ("true", "false")


def _check_bundle(place: str, bundle: BundleEntry, products: set[str], forms: set[str]) -> Problems:
    yield from check_currency(f"{place}.priceUnit", bundle.price_unit)
    amounts = {"price": bundle.price, "initialDiscount": bundle.initial_discount}
    problems = [
        problem
        for key, amount in amounts.items()
        for problem in _check_amount(f"{place}.{key}", amount, bundle.price_unit)
    ]
    yield from problems
    if not problems and _is_less(bundle.price, bundle.initial_discount, bundle.price_unit):
        yield FieldProblem(f"{place}.initialDiscount", "expected at most the price")
    for index, named in enumerate(bundle.products):
        if named not in products and named.lower() not in products:
            yield FieldProblem(f"{place}.products[{index}]", f"no product of this file has the name or id {named}")
    for key, named_form in (("intakeForm", bundle.intake_form), ("followupForm", bundle.followup_form)):
        if named_form is not None and named_form not in forms:
            yield FieldProblem(f"{place}.{key}", f"no form of this file has the name {named_form}")


def _check_amount(place: str, amount: int | str, currency: str) -> Problems:
    try:
        read_amount(amount, currency)
    except ValueError as error:
        yield FieldProblem(place, str(error))


def _is_less(amount: int | str, than: int | str, currency: str) -> bool:
    return read_amount(amount, currency) < read_amount(than, currency)
