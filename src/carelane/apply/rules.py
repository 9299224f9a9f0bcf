"""The rules of an organization file that reach across fields: names that refer, names that repeat, amounts, secrets."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from carelane import permissions
from carelane.apply.partners import schemas as partners
from carelane.apply.people import schemas as people
from carelane.apply.places import schemas as places
from carelane.apply.schemas import BundleEntry, CredentialEntry, FormEntry, OrganizationFile, QuestionEntry
from carelane.kit.errors import FieldProblem
from carelane.kit.money import is_currency, to_cents

# Only a fast digest of a secret is kept, so it must be too long to guess: 32 characters, as `openssl rand -hex 16` gives.
MIN_SECRET_LENGTH = 32

Problems = Iterator[FieldProblem]


def list_broken_rules(files: list[OrganizationFile]) -> list[FieldProblem]:
    """Every broken rule, with its place as the reader counts it: `organizations[1].bundles[0].price`."""
    problems: list[FieldProblem] = []
    for index, file in enumerate(files):
        prefix = f"organizations[{index}]." if len(files) > 1 else ""
        problems += [FieldProblem(prefix + found.field, found.problem) for found in _check(file)]
    tenants = [file.organization.tenant for file in files]
    return problems + list(_repeated("organizations", tenants))


def _check(file: OrganizationFile) -> Problems:
    yield from _check_credentials("keys", file.keys)
    yield from _check_credentials("clients", file.clients)
    yield from _repeated("forms", [form.name for form in file.forms])
    named = (
        ("products", file.products),
        ("bundles", file.bundles),
        ("locations", file.locations),
        ("taxes", file.taxes),
    )
    for section, parts in named:
        yield from _repeated(section, [part.name for part in parts])
        yield from _repeated(section, [part.id for part in parts])
    for index, product in enumerate(file.products):
        yield from _check_currency(f"products[{index}].currency", product.currency)
    for index, form in enumerate(file.forms):
        yield from _check_form(f"forms[{index}]", form)
    for index, bundle in enumerate(file.bundles):
        yield from _check_bundle(f"bundles[{index}]", bundle, file)
    yield from _check_currency("organization.currency", file.organization.currency)
    yield from people.broken_rules(file.staff)
    yield from places.broken_rules(file.locations, file.taxes)
    yield from partners.broken_rules(file.pharmacies, file.drugs, file.webhooks, _products(file))


def _products(file: OrganizationFile) -> set[str]:
    """What a product of the file can be named by."""
    return {product.name for product in file.products} | {str(product.id) for product in file.products}


def _repeated(section: str, names: Sequence[object]) -> Problems:
    for index, name in enumerate(names):
        if name is not None and name in names[:index]:
            yield FieldProblem(f"{section}[{index}]", f"{name} stands in the file before")


def _check_credentials(section: str, credentials: list[CredentialEntry]) -> Problems:
    yield from _repeated(section, [credential.name for credential in credentials])
    yield from _repeated(section, [credential.id for credential in credentials])
    for index, credential in enumerate(credentials):
        place = f"{section}[{index}]"
        if credential.secret is not None and len(credential.secret) < MIN_SECRET_LENGTH:
            yield FieldProblem(f"{place}.secret", f"expected at least {MIN_SECRET_LENGTH} characters")
        for unknown in sorted(set(credential.scopes) - permissions.GRANTABLE):
            yield FieldProblem(
                f"{place}.scopes", f"{unknown} is unknown; there are {', '.join(sorted(permissions.GRANTABLE))}"
            )


def _check_currency(place: str, code: str) -> Problems:
    if not is_currency(code):
        yield FieldProblem(place, "expected an ISO 4217 code such as USD")


def _check_form(place: str, form: FormEntry) -> Problems:
    for index, question in enumerate(form.questions):
        yield from _check_question(f"{place}.questions[{index}]", index, question)


def _check_question(place: str, index: int, question: QuestionEntry) -> Problems:
    if question.type in ("SINGLESELECT", "MULTISELECT") and not question.options:
        yield FieldProblem(f"{place}.options", f"a {question.type} question needs options")
    if question.condition is not None and question.condition.question_index >= index:
        yield FieldProblem(
            f"{place}.condition.questionIndex", f"expected the index of an earlier question, below {index}"
        )


def _check_bundle(place: str, bundle: BundleEntry, file: OrganizationFile) -> Problems:
    yield from _check_currency(f"{place}.priceUnit", bundle.price_unit)
    if to_cents(Decimal(bundle.initial_discount)) > to_cents(Decimal(bundle.price)):
        yield FieldProblem(f"{place}.initialDiscount", "expected at most the price")
    products = _products(file)
    for index, named in enumerate(bundle.products):
        if named not in products and named.lower() not in products:
            yield FieldProblem(f"{place}.products[{index}]", f"no product of this file has the name or id {named}")
    forms = {form.name for form in file.forms}
    for key, named_form in (("intakeForm", bundle.intake_form), ("followupForm", bundle.followup_form)):
        if named_form is not None and named_form not in forms:
            yield FieldProblem(f"{place}.{key}", f"no form of this file has the name {named_form}")
