"""Templates as their pages show them, and the way between a template and its form."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from carelane.cases.review.queue.choices.queries import Choices
from carelane.console.forms import Filled
from carelane.console.frame import with_query
from carelane.console.times import long_day, this_day
from carelane.kit.languages import N_, _
from carelane.staff.queries import SignedInMember
from carelane.templates.schemas import VARIABLE, Kind, TemplateOut

# What only shows the form again.
SHOWING = ("preview", "add")
MOST_MEDICINES = 12
_MEDICINE = re.compile(r"content\.medInfo\[(\d{1,2})\]\.(\w{1,40})", re.ASCII)
_UNSHOWN = (".orderNote", ".externalId", ".isRefill", ".isPriorAuthRequested")
_KINDS: dict[Kind, str] = {"REPLY": N_("Reply"), "DECISION": N_("Decision")}
_OUTCOMES = (
    ("", N_("Leave it open")),
    ("APPROVED", N_("Approve")),
    ("REJECTED", N_("Reject")),
    ("NO_DECISION", N_("Not yet")),
)


class Row(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    name: str
    kind: str
    whose: str
    text: str


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """What a patient by the name of Marisol would read."""

    text: str
    medicines: list[str]


def row(template: TemplateOut) -> Row:
    content = template.content
    text = content.text or ", ".join(one.medicine for one in content.med_info)
    return Row(
        id=str(template.id),
        name=template.name,
        kind=_(_KINDS[template.kind]),
        whose=_("Yours") if template.scope == "MINE" else _("The clinic's"),
        text=text if len(text) <= 120 else f"{text[:119]}…",
    )


def tabs(kind: Kind | None, wanted: str) -> list[tuple[str, str, None, bool]]:
    choices: tuple[tuple[Kind | None, str], ...] = (
        (None, _("All")),
        ("REPLY", _("Replies")),
        ("DECISION", _("Decisions")),
    )
    return [
        (text, with_query("/console/templates", kind=one, q=wanted or None), None, one == kind) for one, text in choices
    ]


def scopes(*, may_manage: bool) -> list[tuple[str, str]]:
    return [("MINE", _("Only me")), *([("CLINIC", _("Everybody in the clinic"))] if may_manage else [])]


def products(found: Choices) -> list[tuple[str, str]]:
    return [("", _("Any product")), *((str(one.id), one.name) for one in found.products)]


def outcomes() -> list[tuple[str, str]]:
    return [(code, _(text)) for code, text in _OUTCOMES]


def fields_of(template: TemplateOut) -> dict[str, list[str]]:
    """The form that makes this template."""
    return {name: [text] for name, text in _flat(template)}


def _flat(template: TemplateOut) -> Iterator[tuple[str, str]]:
    content: dict[str, Any] = msgspec.to_builtins(template.content)
    yield from (("kind", template.kind), ("scope", template.scope), ("name", template.name))
    yield "productId", str(template.product_id or "")
    for index, medicine in enumerate(content.pop("medInfo", [])[:MOST_MEDICINES]):
        yield from (
            (f"content.medInfo[{index}].{name}", str(value)) for name, value in medicine.items() if value is not None
        )
    yield from ((f"content.{name}", str(value)) for name, value in content.items() if value is not None)


def count_medicines(form: Filled) -> int:
    """As many as are filled in, and one more when it is asked for or there is none."""
    known = [
        int(match[1]) + 1 for name in form.fields if (match := _MEDICINE.fullmatch(name)) and form.get(name).strip()
    ]
    return min(max(known, default=0) + (form.get("act") == "add" or not known), MOST_MEDICINES)


def kept(form: Filled) -> list[tuple[str, str]]:
    """What a template of the API's may say beside what the form shows; it stays."""
    return [(name, form.get(name)) for name in form.fields if name == "content.category" or name.endswith(_UNSHOWN)]


def preview(form: Filled, me: SignedInMember) -> Preview:
    values = {
        "firstName": _("Marisol"),
        "lastName": _("Tennant"),
        "product": _("the product"),
        "clinician": me.name,
        "clinic": me.clinic,
        "today": long_day(this_day()),
    }

    def filled(text: str) -> str:
        return VARIABLE.sub(lambda match: values.get(match[1], match[0]), text)

    places = range(count_medicines(form))
    medicines = [_medicine(form, f"content.medInfo[{index}]") for index in places]
    return Preview(text=filled(form.get("content.text")), medicines=[filled(one) for one in medicines if one])


def _medicine(form: Filled, place: str) -> str:
    names = ("medicine", "dosage", "dosingFrequency", "quantity", "pharmacyInstructions")
    return " · ".join(text for name in names if (text := form.get(f"{place}.{name}").strip()))
