"""A quote as the forms that change it. What was not touched is not sent on: its price is a promise, and stays to the cent and the second."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from carelane.console import times
from carelane.console.billing.offers.views import Found, changed_part, name_of_line, number_text, plain_number
from carelane.console.billing.states import QUOTE_STATES
from carelane.console.billing.views import frame_of, last_moment_of
from carelane.console.forms import Filled, Form
from carelane.console.meanwhile import Differences, differences, is_slower
from carelane.kit.auth import Actor
from carelane.kit.languages import N_, _
from carelane.kit.money import decimal_string
from carelane.quotes.schemas import EditableQuoteOut, QuoteItemOut, QuotePatch
from carelane.quotes.states import PENDING

WORDS = "w-"
_LABELS = {
    "title": N_("Title"),
    "validUntil": N_("Good until"),
    "description": N_("Words for the patient"),
    "terms": N_("Terms"),
    "internalNotes": N_("For staff only"),
    "quantity": N_("Quantity"),
    "unitPrice": N_("Price of one"),
    "discountPercentage": N_("Discount in percent"),
}
# Emptied, there is no such text any more; of others an empty field says nothing.
_TEXTS = ("title", "description", "terms", "internalNotes")


def line_prefix(line_id: object) -> str:
    return f"l{line_id}-"


def stands(of: EditableQuoteOut) -> Filled:
    """All forms of the page, each field with what stood in it."""
    quote = of.quote
    said: dict[str, object] = {
        f"{WORDS}title": quote.title,
        f"{WORDS}validUntil": _last_day(quote.valid_until_date),
        f"{WORDS}description": quote.description,
        f"{WORDS}terms": quote.terms,
        f"{WORDS}internalNotes": quote.internal_notes,
        f"{WORDS}discountPercentage": plain_number(quote.discount_percentage),
    }
    for line_id, line in zip(of.line_ids, quote.items, strict=True):
        said |= {f"{line_prefix(line_id)}{name}": value for name, value in _of_line(line, of.currency).items()}
    shown = {name: [str(value or "")] for name, value in said.items()}
    return Filled(shown | {_was(name): texts for name, texts in shown.items()})


def _of_line(line: QuoteItemOut, currency: str) -> dict[str, object]:
    return {
        "quantity": plain_number(line.quantity),
        "unitPrice": decimal_string(line.unit_price, currency),
        "discountPercentage": plain_number(line.discount_percentage),
        "description": line.description,
    }


def _last_day(until: datetime | None) -> str | None:
    """The day that `last_moment_of` would end then."""
    if until is None:
        return None
    return (until - timedelta(microseconds=1)).astimezone(ZoneInfo(times.zone_name())).date().isoformat()


def _was(name: str) -> str:
    form, _dash, field = name.rpartition("-")
    return f"{form}-was-{field}"


def patch_of(form: Form) -> QuotePatch:
    """What was touched of the words and terms. Raises InvalidRequestError, RuleBrokenError."""
    own = changed_part(form, WORDS)
    return own.read(QuotePatch, **emptied(own, *_TEXTS), **_until(own))


def emptied(own: Form, *names: str) -> dict[str, str]:
    return {name: "" for name in names if own.all(name) and not own.get(name).strip()}


def _until(own: Form) -> dict[str, Any]:
    return {"validUntilDate": last_moment_of(own, "validUntil")} if own.get("validUntil") else {}


def shown(form: Filled | None, now: Filled) -> Filled:
    """As it stands, but for what was typed."""
    if form is None:
        return now
    touched = [
        name
        for name, texts in form.fields.items()
        if "-was-" in name or (_was(name) in now.fields and texts != form.all(_was(name))) or name not in now.fields
    ]
    typed = {name: form.all(name) for name in touched if "-was-" not in name}
    typed |= {_was(name): form.all(_was(name)) for name in typed if form.all(_was(name))}
    general = [_("Somebody changed the quote since you opened it. What you typed is kept; look at it, then save.")]
    return msgspec.structs.replace(
        form, fields=now.fields | typed, general=general if is_slower(form) else form.general
    )


def changes(form: Filled, now: Filled) -> Differences:
    """What was typed, and stands otherwise by now."""
    labels = {name: _LABELS[name.rpartition("-")[2]] for name in now.fields if "-was-" not in name}
    return differences(form, now, labels)


def edit_page(actor: Actor, of: EditableQuoteOut, text: str, found: list[Found]) -> dict[str, object]:
    return frame_of(actor, "quotes") | {
        "quote": of.quote,
        "lines": list(zip(map(str, of.line_ids), of.quote.items, strict=True)),
        "currency": of.currency,
        "version": of.version,
        "state": QUOTE_STATES[of.quote.status],
        "is_open": of.quote.status in PENDING,
        "labels": {name: _(label) for name, label in _LABELS.items()},
        "line_name": name_of_line,
        "number": number_text,
        "text": text,
        "found": found,
    }


def line_in(form: Form) -> str:
    """The line that a form is about; no line where it is none's."""
    text = form.get("lineId")
    return text or str(UUID(int=0))
