"""Fees as lines of a form."""

import re

import msgspec

from carelane.clinic.fees.schemas import MAX_FEES, FeeName, PaymentFeeOut, PaymentFeesOut
from carelane.console.amounts import cents_of, spoken
from carelane.console.forms import Filled, Form
from carelane.kit.languages import N_, _
from carelane.kit.money import decimal_string

# All lines in one field, which is only compared.
LABELS = {"held": N_("Fees")}
_KINDS: dict[FeeName, str] = {
    "convenience": N_("Convenience"),
    "paymentProcessing": N_("Payment processing"),
    "pharmacy": N_("Pharmacy"),
    "shipping": N_("Shipping"),
    "syringeKit": N_("Syringe kit"),
    "techPlatform": N_("Technical platform"),
    "other": N_("Another one, called:"),
}
_LINE = re.compile(r"fees\[(\d{1,3})\]\.(kind|amount|label)", re.ASCII)
_WHOLE_LINE = re.compile(r"fees\[\d{1,3}\]", re.ASCII)
# Places for fees that are new.
_EMPTY = 2


def kinds() -> list[tuple[str, str]]:
    return [("", _("Choose")), *((kind, _(text)) for kind, text in _KINDS.items())]


def told(fees: PaymentFeesOut) -> list[tuple[str, str]]:
    """Each as the page of the gateway says it."""
    return [(_name(fee.kind, fee.label or ""), spoken(fee.amount, fee.currency)) for fee in fees.fees]


def filled(fees: PaymentFeesOut) -> Filled:
    lines = [{"kind": fee.kind, "amount": _typed(fee, fees.currency), "label": fee.label or ""} for fee in fees.fees]
    return Filled.of(version=fees.version, held=_held(lines), **_fields(lines))


def _typed(fee: PaymentFeeOut, currency: str) -> str:
    """One of a currency that the clinic had before says so, and is not taken for one of the currency that it has."""
    return fee.amount if fee.currency == currency else f"{fee.amount} {fee.currency}"


def typed(form: Form, currency: str) -> Form:
    """The lines of which something was typed, one after the other: a browser sends the empty places, too. Amounts as on the wire."""
    places = sorted({int(found[1]) for name in form.fields if (found := _LINE.fullmatch(name))})
    lines = [{name: form.get(f"fees[{place}].{name}") for name in ("kind", "amount", "label")} for place in places]
    kept = [
        line | {"amount": _plain(line["amount"], currency)}
        for line in lines
        if line["amount"].strip() or line["label"].strip()
    ]
    others = {name: texts for name, texts in form.fields.items() if not name.startswith("fees[")}
    lists = {"held": _held(kept)} | {name: [text] for name, text in _fields(kept).items()}
    return msgspec.structs.replace(form, fields=others | lists)


def _plain(text: str, currency: str) -> str:
    """What is no amount stays as it was typed, and is refused as such."""
    cents = cents_of(text, currency)
    return text if cents is None else decimal_string(cents, currency)


def _fields(lines: list[dict[str, str]]) -> dict[str, str]:
    return {f"fees[{index}].{name}": text for index, line in enumerate(lines) for name, text in line.items()}


def _held(lines: list[dict[str, str]]) -> list[str]:
    return [f"{_name(line['kind'], line['label'])} {line['amount']}" for line in lines]


def _name(kind: str, label: str) -> str:
    named: dict[str, str] = {name: text for name, text in _KINDS.items() if name != "other"}
    return _(named[kind]) if kind in named else label


def at_their_fields(form: Filled) -> Filled:
    """What is wrong with a whole line is said at its kind."""
    problems = {f"{name}.kind" if _WHOLE_LINE.fullmatch(name) else name: text for name, text in form.problems.items()}
    return msgspec.structs.replace(form, problems=problems)


def places(form: Filled) -> int:
    """How many lines there are."""
    taken = [int(found[1]) for name in form.fields if (found := _LINE.fullmatch(name)) and form.get(name)]
    return min(max(taken, default=-1) + 1 + _EMPTY, MAX_FEES)
