"""What the decision's part of a case's page shows, and the way between its form and the body that the API takes."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from uuid import UUID

import msgspec

from carelane.case_detail.chart.reads import CasePage
from carelane.cases.review.queries import CaseSummary, RequestSummary
from carelane.cases.review.schemas import DecideIn, HeldDecisionOut
from carelane.cases.schemas import MedicationIn
from carelane.console.forms import Filled, Form
from carelane.kit import clock
from carelane.kit.auth import Actor
from carelane.kit.languages import N_
from carelane.kit.phi import Phi
from carelane.kit.us_zones import day_in
from carelane.permissions import CASES_DECIDE
from carelane.templates.schemas import ContentIn, TemplateOut

GRACE_SECONDS = 30
# As many medicines as anybody prescribes for one product, and a bound for what a form can make us show.
MOST_MEDICINES = 12
OUTCOMES = (("APPROVED", N_("Approve")), ("REJECTED", N_("Reject")), ("NO_DECISION", N_("Not yet")))
# The fields of a medicine, as they are named on the wire.
MEDICINE = (
    "medicine",
    "dosage",
    "dosingFrequency",
    "quantity",
    "refillCount",
    "treatmentPeriod",
    "pharmacyInstructions",
)
_MEDICINE = re.compile(r"decisions\[(\d{1,3})\]\.medInfo\[(\d{1,3})\]\.(\w{1,40})", re.ASCII)
_OWN = re.compile(r"decisions\[\d{1,3}\]\.(startDate|endDate)", re.ASCII)


class Shown(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """The form as it stands: `medicines` says how many each product shows."""

    form: Filled
    products: list[RequestSummary]
    medicines: list[int]


class Decision(Phi, msgspec.Struct, frozen=True, kw_only=True):
    page: CasePage
    actor: Actor
    templates: list[TemplateOut]
    last: HeldDecisionOut | None

    @property
    def version(self) -> int:
        return self.page.summary.version

    @property
    def is_mine(self) -> bool:
        holder = self.page.summary.in_progress_by
        return holder is not None and holder.id == self.actor.id and self.actor.may(CASES_DECIDE)

    @property
    def can_decide(self) -> bool:
        return self.is_mine and "decide" in self.page.why.possible_acts

    @property
    def can_start(self) -> bool:
        """Nobody else has it."""
        holder = self.page.summary.assigned_to
        is_free = holder is None or holder.id == self.actor.id
        return is_free and "start" in self.page.why.possible_acts and self.actor.may(CASES_DECIDE)

    @property
    def can_undo(self) -> bool:
        held = self.page.summary.held
        return held is not None and held.by.id == self.actor.id and self.actor.may(CASES_DECIDE)

    @property
    def failed(self) -> HeldDecisionOut | None:
        """What could not be taken when its grace was over, until it is decided anew."""
        return self.last if self.last is not None and self.last.status == "FAILED" else None

    @property
    def open_requests(self) -> list[RequestSummary]:
        return [request for request in self.page.summary.requests if request.status == "PENDING"]

    def shown(self, form: Filled) -> Shown:
        """What was typed goes before what was undone or failed, and that before an empty form."""
        usual = {"startDate": [str(day_of(self.page.summary))]} | self._last_fields()
        whole = msgspec.structs.replace(form, fields=usual | form.fields)
        products = self.open_requests
        counts = [_count_medicines(whole.fields, index) for index in range(len(products))]
        return Shown(form=whole, products=products, medicines=counts)

    def _last_fields(self) -> dict[str, list[str]]:
        if self.last is None or self.last.body is None or self.last.status not in {"UNDONE", "FAILED"}:
            return {}
        mine = self.last.by.id == self.actor.id
        return fields_of(self.last.body, [one.product_id for one in self.open_requests]) if mine else {}


def day_of(case: CaseSummary) -> date:
    """The patient's: a decision that begins on the reader's could not be ordered on before that day begins there."""
    return day_in(case.patient_state or "", clock.now())


def _count_medicines(fields: Mapping[str, list[str]], index: int) -> int:
    known = [int(match[2]) + 1 for name in fields if (match := _MEDICINE.fullmatch(name)) and int(match[1]) == index]
    return min(max(known, default=1), MOST_MEDICINES)


# ---- between the form and the body


def body_of(form: Form) -> tuple[DecideIn, Form]:
    """The body, and the form as it is shown again: medicines without a word in them close up.

    Raises InvalidRequestError.
    """
    tidy = msgspec.structs.replace(form, fields=_closed_up(form.fields))
    fields = {name: texts for name, texts in tidy.fields.items() if name.startswith("decisions[") or name == "version"}
    for place in _places(fields):
        fields |= _of_all(tidy, place, tidy.get(f"{place}.outcome"))
        if tidy.get(f"{place}.outcome") != "APPROVED":
            fields = {name: texts for name, texts in fields.items() if not name.startswith(f"{place}.medInfo")}
    return msgspec.structs.replace(tidy, fields=fields).read(DecideIn, graceSeconds=GRACE_SECONDS), tidy


def _places(fields: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(name.partition(".")[0] for name in fields if name.startswith("decisions[")))


def _of_all(form: Form, place: str, outcome: str) -> dict[str, list[str]]:
    """The days and the text stand once for all products; a rejection has its own reason."""
    if outcome == "APPROVED":
        shared = {name: [form.get(name)] for name in ("startDate", "endDate")}
        return {f"{place}.{name}": texts for name, texts in shared.items()} | {
            f"{place}.decisionText": [form.get("decisionText")]
        }
    return {f"{place}.decisionText": [form.get(f"{place}.decisionText") or form.get("decisionText")]}


def _closed_up(fields: Mapping[str, list[str]]) -> dict[str, list[str]]:
    rest = {name: texts for name, texts in fields.items() if not _MEDICINE.fullmatch(name)}
    rows: dict[tuple[int, int], dict[str, list[str]]] = {}
    for name, texts in fields.items():
        if match := _MEDICINE.fullmatch(name):
            rows.setdefault((int(match[1]), int(match[2])), {})[match[3]] = texts
    counts: dict[int, int] = {}
    for (product, _), row in sorted(rows.items()):
        if any(text.strip() for texts in row.values() for text in texts):
            number = counts.get(product, 0)
            counts[product] = number + 1
            rest |= {f"decisions[{product}].medInfo[{number}].{name}": texts for name, texts in row.items()}
    return rest


def shown_again(form: Filled) -> Filled:
    """With the problems of days and texts at the fields that stand for all products."""
    problems = {}
    for name, text in form.problems.items():
        match = _OWN.fullmatch(name)
        at = match[1] if match else name
        is_text = name.endswith(".decisionText") and form.get(name.replace("decisionText", "outcome")) != "REJECTED"
        problems["decisionText" if is_text else at] = text
    return msgspec.structs.replace(form, problems=problems)


def fields_of(body: DecideIn, product_ids: list[UUID]) -> dict[str, list[str]]:
    """The form that makes this body, of a case whose open products are these."""
    fields: dict[str, list[str]] = {}
    for decided in body.decisions:
        if decided.product_id not in product_ids:
            continue
        place = f"decisions[{product_ids.index(decided.product_id)}]"
        fields[f"{place}.outcome"] = [decided.outcome]
        fields |= _medicine_fields(place, decided.med_info)
        own = f"{place}.decisionText" if decided.outcome == "REJECTED" else "decisionText"
        shared = {"startDate": decided.start_date, "endDate": decided.end_date, own: decided.decision_text}
        fields |= {name: [str(value)] for name, value in shared.items() if value is not None}
    return fields


def filled_in(
    content: ContentIn, products: list[RequestSummary], only: UUID | None, today: date
) -> dict[str, list[str]]:
    """What a template says, in the form's fields."""
    fields: dict[str, list[str]] = {}
    for index, product in enumerate(products):
        if only is not None and product.product_id != only:
            continue
        place = f"decisions[{index}]"
        if content.outcome is not None:
            fields[f"{place}.outcome"] = [content.outcome]
        fields |= _medicine_fields(place, content.med_info)
        if content.category is not None:
            fields[f"{place}.category"] = [content.category]
    if content.valid_days is not None:
        fields |= {"startDate": [str(today)], "endDate": [str(today + timedelta(days=content.valid_days))]}
    if content.text is not None:
        fields["decisionText"] = [content.text]
    return fields


def without_medicines(fields: Mapping[str, list[str]], named: Iterable[str]) -> dict[str, list[str]]:
    """A template's medicines take the place of those that were there, for the products that it names."""
    places = {name.partition(".")[0] for name in named if ".medInfo[" in name}
    return {
        name: texts
        for name, texts in fields.items()
        if not (_MEDICINE.fullmatch(name) and name.partition(".")[0] in places)
    }


def _medicine_fields(place: str, medicines: list[MedicationIn]) -> dict[str, list[str]]:
    return dict(_each_medicine(place, medicines))


def _each_medicine(place: str, medicines: list[MedicationIn]) -> Iterator[tuple[str, list[str]]]:
    for number, medicine in enumerate(medicines):
        known = msgspec.to_builtins(medicine)
        for name in MEDICINE:
            if known.get(name) is not None:
                yield f"{place}.medInfo[{number}].{name}", [str(known[name])]
