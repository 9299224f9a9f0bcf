"""What applying a file did, or would do, in words."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

import msgspec

from carelane.apply.queries import Fields
from carelane.kit.money import decimal_string

Action = Literal["create", "update", "unchanged", "revoke"]

MAX_SHOWN_CHARACTERS = 200
_CONTEXT_CHARACTERS = 20
# Fields whose values are digests here, and are never shown.
SECRETS = frozenset({"secret", "password", "totpSecret", "secretKey", "webhookSecret", "previousWebhookSecret"})
# What identifies a record, and what is compared apart.
_NO_FIELDS = frozenset({"id", "organization_id", "unlocks_at", "secret", "is_enabled"})
# Columns that the file calls by another name than their own in camel case.
_KEYS = {
    "price_cents": "price",
    "initial_discount_cents": "initialDiscount",
    "intake_form_id": "intakeForm",
    "followup_form_id": "followupForm",
    "product_id": "product",
    "product_ids": "products",
    "location_ids": "locations",
    "bundle_ids": "bundles",
    "exempted_tax_ids": "exemptedTaxes",
    "discount_amount_cents": "discountAmount",
    "category_names": "categories",
    "is_deactivated": "isActive",
    "form_id": "form",
    "default_bundle_id": "defaultBundle",
    "show_gdpr_logo": "showGDPRLogo",
    "bundle.currency": "priceUnit",
}


class Difference(msgspec.Struct, frozen=True):
    """A field that was changed elsewhere since the last apply. Secrets are not in the texts."""

    field: str
    stands: str
    wanted: str


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the file. A new credential comes with its `id`, and with its `secret` when that was made here."""

    action: Action
    what: str
    name: str
    id: UUID | None = None
    secret: str | None = None
    # Where the other side calls us.
    path: str | None = None
    # What was changed elsewhere: left as it stands, or overwritten because that was asked for.
    kept: list[Difference] = []
    overwritten: list[Difference] = []
    # What is to be said of the entry besides.
    notes: list[str] = []

    def __repr__(self) -> str:
        return f"Change({self.action} {self.what} {self.name})"

    def lines(self) -> Iterator[str]:
        """As the command line prints it."""
        made = f"  id {self.id}" if self.what in {"client", "pharmacy"} and self.id else ""
        made += f"  calls us at {self.path}" if self.path else ""
        what = "link" if self.what == "invitation" else "secret"
        made += f"  {what}, shown this once: {self.secret}" if self.secret else ""
        yield f"{self.action:9} {self.what} {self.name}{made}"
        for note in self.notes:
            yield f"{'':9} {note}"
        for differences, what_follows in ((self.kept, "stays"), (self.overwritten, "is overwritten")):
            for each in differences:
                both = f"{each.stands} here, {each.wanted} in the file"
                yield f"{'':9} {each.field} was changed elsewhere since the last apply and {what_follows}: {both}"


def key_of(what: str, column: str) -> str:
    """What the file calls the column."""
    first, *others = column.split("_")
    usual = first + "".join(word.capitalize() for word in others)
    return _KEYS.get(f"{what}.{column}") or _KEYS.get(column) or usual


def fields_of(what: str, row: msgspec.Struct) -> Fields:
    """What is in the row, as the file would say it, except for secrets."""
    values: dict[str, Any] = msgspec.to_builtins(row)
    currency = values.get("currency", "")
    return {
        key_of(what, column): _value(column, value, currency)
        for column, value in values.items()
        if column not in _NO_FIELDS
    }


def _value(column: str, value: Any, currency: str) -> Any:
    if column.endswith("_cents"):
        return None if value is None else decimal_string(value, currency)
    if column.endswith("percentage") and value is not None:
        return decimal_text(value)
    return not value if column == "is_deactivated" else value


def decimal_text(value: Decimal | str) -> str:
    """Without the zeros at its end."""
    return f"{Decimal(value).normalize():f}"


def show_both(field: str, stands: Any, wanted: Any, names: Mapping[str, str]) -> tuple[str, str]:
    """Two values that differ, as texts that differ; of long lists what only one of them holds. `names` are those of the
    records whose ids may be in the values."""
    if field in SECRETS:
        return "***", "***"
    texts = _show(stands, names), _show(wanted, names)
    if max(map(len, texts)) > MAX_SHOWN_CHARACTERS and isinstance(stands, list) and isinstance(wanted, list):
        texts = (
            _show([one for one in stands if one not in wanted], names),
            _show([one for one in wanted if one not in stands], names),
        )
    # Long texts from where they begin to differ, with a little before it.
    differs_at = next((at for at, pair in enumerate(zip(*texts, strict=False)) if pair[0] != pair[1]), 0)
    is_long = max(map(len, texts)) > MAX_SHOWN_CHARACTERS
    start = max(0, differs_at - _CONTEXT_CHARACTERS) if is_long else 0
    return _cut(texts[0], start), _cut(texts[1], start)


def _cut(text: str, start: int) -> str:
    end = start + MAX_SHOWN_CHARACTERS
    return ("…" if start else "") + text[start:end] + ("…" if end < len(text) else "")


def _show(value: Any, names: Mapping[str, str]) -> str:
    named = [names.get(str(one), one) for one in value] if isinstance(value, list) else names.get(str(value), value)
    return msgspec.json.encode(named).decode()
