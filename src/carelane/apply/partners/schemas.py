"""`pharmacies`, `drugs` and `webhooks` of an organization file."""

from collections.abc import Iterator
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta

from carelane.apply.schemas import MIN_SECRET_LENGTH, Code, Entry, Link, Name, Secret, repeated
from carelane.event_names import MEANINGS
from carelane.kit.errors import FieldProblem
from carelane.pharmacies.actions import SIMULATORS
from carelane.pharmacies.queries import AdapterName, Schedule
from carelane.webhooks import signing

# What Standard Webhooks asks of the bytes behind `whsec_`.
_WEBHOOK_KEY_BYTES = range(24, 65)


class PharmacyEntry(Entry, frozen=True):
    """`code` is what storefronts send as pharmacyId; it is found again by `id`, else by its code."""

    code: Code
    name: Name
    adapter: AdapterName
    id: UUID | None = None
    url: Link | None = None
    secret: Secret | None = None
    is_active: bool = True

    def __repr__(self) -> str:
        return "PharmacyEntry(***)"


class DrugEntry(Entry, frozen=True):
    """`code` is what storefronts send as drugId. `product` names a product of the same file, by name or id."""

    code: Code
    name: Name
    id: UUID | None = None
    ndc: (
        Annotated[
            str,
            Meta(
                pattern=r"^[0-9]{4,6}(-?[0-9]{3,4})(-?[0-9]{1,2})$",
                description="a National Drug Code such as 0169-4525-14",
            ),
        ]
        | None
    ) = None
    schedule: Schedule | None = None
    product: str | None = None
    is_active: bool = True


class WebhookEntry(Entry, frozen=True):
    """`events` are those of `event_names.MEANINGS`; none given means all. `enabled` left out: as it is, and on when it is new."""

    name: Name
    url: Link
    id: UUID | None = None
    events: Annotated[list[str], Meta(max_length=100)] = []
    secret: Secret | None = None
    document_format: Literal["BASE64", "URL"] = "URL"
    payload: Literal["FULL_CASE", "EVENT_ONLY"] = "FULL_CASE"
    secret_header: Annotated[str, Meta(max_length=signing.MAX_HEADER_CHARACTERS)] | None = None
    enabled: bool | None = None

    def __repr__(self) -> str:
        return "WebhookEntry(***)"


def broken_rules(
    pharmacies: list[PharmacyEntry], drugs: list[DrugEntry], webhooks: list[WebhookEntry], products: set[str]
) -> Iterator[FieldProblem]:
    """`products` are the names and ids of the file's products."""
    yield from repeated("pharmacies", [pharmacy.code for pharmacy in pharmacies])
    yield from repeated("pharmacies", [pharmacy.id for pharmacy in pharmacies])
    yield from repeated("drugs", [drug.code for drug in drugs])
    yield from repeated("drugs", [drug.id for drug in drugs])
    yield from repeated("webhooks", [webhook.name for webhook in webhooks])
    yield from repeated("webhooks", [webhook.id for webhook in webhooks])
    for index, pharmacy in enumerate(pharmacies):
        yield from _check_pharmacy(f"pharmacies[{index}]", pharmacy)
    for index, drug in enumerate(drugs):
        if drug.product is not None and not {drug.product, drug.product.lower()} & products:
            yield FieldProblem(f"drugs[{index}].product", f"no product of this file has the name or id {drug.product}")
    for index, webhook in enumerate(webhooks):
        yield from _check_webhook(f"webhooks[{index}]", webhook)


def _check_pharmacy(place: str, pharmacy: PharmacyEntry) -> Iterator[FieldProblem]:
    if pharmacy.url is None and pharmacy.adapter not in SIMULATORS:
        yield FieldProblem(f"{place}.url", f"a pharmacy with the adapter {pharmacy.adapter} needs a URL")
    if pharmacy.url is not None and pharmacy.adapter in SIMULATORS:
        yield FieldProblem(
            f"{place}.url", "the simulator is where CARELANE_PHARMACY_SIMULATOR_URL says; expected no URL"
        )
    is_short = pharmacy.secret is not None and len(pharmacy.secret) < MIN_SECRET_LENGTH
    if is_short and pharmacy.adapter not in SIMULATORS:
        yield FieldProblem(f"{place}.secret", f"expected at least {MIN_SECRET_LENGTH} characters")


def _check_webhook(place: str, webhook: WebhookEntry) -> Iterator[FieldProblem]:
    known = sorted(MEANINGS)
    for index, event in enumerate(webhook.events):
        if event not in MEANINGS:
            yield FieldProblem(f"{place}.events[{index}]", f"{event} is unknown; there are {', '.join(known)}")
        elif event in webhook.events[:index]:
            yield FieldProblem(f"{place}.events[{index}]", f"{event} stands in the list before")
    yield from signing.header_problems(f"{place}.secretHeader", webhook.secret_header)
    if webhook.secret is not None and not _is_webhook_secret(webhook.secret):
        expected = f"{signing.PREFIX} and 24 to 64 bytes in base64, or at least {MIN_SECRET_LENGTH} other characters"
        yield FieldProblem(f"{place}.secret", f"expected {expected}")


def _is_webhook_secret(text: str) -> bool:
    if not text.startswith(signing.PREFIX):
        return len(text) >= MIN_SECRET_LENGTH
    try:
        return len(signing.standard_key(text)) in _WEBHOOK_KEY_BYTES
    except ValueError:
        return False
