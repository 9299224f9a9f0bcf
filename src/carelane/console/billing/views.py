"""What all pages of billing have in common: the row of sections, and filters in the address."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from carelane.console import times
from carelane.console.amounts import cents_of, spoken
from carelane.console.forms import KEY_FIELD, Filled, Form
from carelane.console.frame import with_query
from carelane.kit.auth import Actor
from carelane.kit.errors import CarelaneError, FieldProblem, InvalidRequestError, RuleBrokenError
from carelane.kit.formatting import sign_of
from carelane.kit.languages import N_, _
from carelane.kit.phi import Phi
from carelane.permissions import BILLING_READ, PAYMENTS_READ
from carelane.web.periods import Span, read_span

PATH = "/console/billing"
# Rows of a list.
PAGE_SIZE = 30
_SECTIONS = (
    ("", N_("Overview"), PAYMENTS_READ),
    ("charges", N_("Charges"), BILLING_READ),
    ("payments", N_("Payments"), BILLING_READ),
    ("refunds", N_("Refunds"), PAYMENTS_READ),
    ("invoices", N_("Invoices"), BILLING_READ),
    ("quotes", N_("Quotes"), BILLING_READ),
    ("carts", N_("Carts"), BILLING_READ),
    ("credit", N_("Credit"), BILLING_READ),
    ("disputes", N_("Disputes"), PAYMENTS_READ),
    ("ledger", N_("Ledger"), PAYMENTS_READ),
    ("books", N_("Books"), PAYMENTS_READ),
    ("exports", N_("Exports"), BILLING_READ),
)
Asked = dict[str, str]


class Filter(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """A field of the filters: a choice where there are options, else what is typed."""

    name: str
    label: str
    value: str = ""
    kind: str = "text"
    options: list[tuple[str, str]] = []


def sections(actor: Actor, here: str) -> list[tuple[str, str, None, bool]]:
    return [
        (_(text), f"{PATH}/{name}" if name else PATH, None, name == here)
        for name, text, needs in _SECTIONS
        if actor.may(needs)
    ]


def span_of(asked: Asked) -> Span:
    """From the first day to the last, in the reader's own zone. Raises InvalidRequestError."""
    return read_span(asked.get("from"), asked.get("until"), times.zone_name())


def days(asked: Asked) -> list[Filter]:
    return [
        Filter(name="from", label=_("From"), value=asked.get("from", ""), kind="date"),
        Filter(name="until", label=_("Until"), value=asked.get("until", ""), kind="date"),
    ]


def choice(asked: Asked, name: str, label: str, words: Mapping[Any, str], everything: str) -> Filter:
    options = [("", everything), *((str(code), _(text)) for code, text in words.items())]
    return Filter(name=name, label=label, value=asked.get(name, ""), options=options)


def one_of(asked: Asked, name: str, known: Mapping[Any, object]) -> Any:
    """The code that was chosen, None where none was. Raises InvalidRequestError for one that there is not."""
    chosen = asked.get(name)
    if chosen is not None and chosen not in known:
        raise InvalidRequestError(problems=[FieldProblem(name, f"expected one of {', '.join(known)}", "query")])
    return chosen


def amounts_of(asked: Asked, currency: str) -> list[int] | None:
    """The lowest and the highest, where either was asked for. Raises InvalidRequestError."""
    if "min" not in asked and "max" not in asked:
        return None
    most = 99_999_999_99
    return [_amount(asked, "min", currency, 0), _amount(asked, "max", currency, most)]


def _amount(asked: Asked, name: str, currency: str, usual: int) -> int:
    if name not in asked:
        return usual
    cents = cents_of(asked[name], currency)
    if cents is None:
        raise InvalidRequestError(problems=[FieldProblem(name, "expected an amount such as 12.50", "query")])
    return cents


def pages(path: str, asked: Asked, page: int, total: int, size: int = PAGE_SIZE) -> tuple[str | None, str | None]:
    """Where the page before and the page behind are."""
    back = with_query(path, **asked, page=page - 1) if page > 1 else None
    onward = with_query(path, **asked, page=page + 1) if page * size < total else None
    return back, onward


def after(path: str, asked: Asked, onward: str | None, *, is_first: bool) -> tuple[str | None, str | None]:
    """The same of a list that goes on from where a page ended: back is its beginning."""
    return (
        None if is_first else with_query(path, **asked),
        with_query(path, **asked, after=onward) if onward else None,
    )


def frame_of(actor: Actor, here: str, filters: Sequence[Filter] = (), asked: Asked | None = None) -> dict[str, object]:
    """What every list is given. The filters stand open while one is in use."""
    return {
        "sections": sections(actor, here),
        "filters": filters,
        "is_filtered": bool(asked),
        "list_path": f"{PATH}/{here}",
        "spoken": spoken,
        "sign_of": sign_of,
    }


def last_moment_of(form: Form, field: str) -> str | None:
    """The end of the day that was chosen, where the reader is. Raises RuleBrokenError."""
    text = form.get(field).strip()
    if not text:
        return None
    try:
        day = date.fromisoformat(text) + timedelta(days=1)
        return datetime.combine(day, time(), ZoneInfo(times.zone_name())).isoformat()
    except (ValueError, OverflowError):
        raise RuleBrokenError(problems=[FieldProblem(field, _("Choose a day, or leave it empty."))]) from None


def part(form: Form, prefix: str) -> Form:
    """Of a page with several forms one, whose fields begin with its name."""
    fields = {name.removeprefix(prefix): texts for name, texts in form.fields.items() if name.startswith(prefix)}
    own = {KEY_FIELD: form.all(KEY_FIELD)} if form.all(KEY_FIELD) else {}
    return Form(fields | own, digest=form.digest)


def refused_part(form: Form, prefix: str, error: CarelaneError) -> Filled:
    """What is wrong with it, by the names that its fields have on the page."""
    filled = form.refused(error)
    problems = {
        name if name in form.fields or name.startswith(prefix) else f"{prefix}{name}": text
        for name, text in filled.problems.items()
    }
    known = {name: text for name, text in problems.items() if name in form.fields}
    rest = [text for name, text in problems.items() if name not in known]
    return msgspec.structs.replace(filled, problems=known, general=[*filled.general, *rest])
