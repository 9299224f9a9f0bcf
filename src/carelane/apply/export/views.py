"""The file as text, with what it needs and what it cannot say. No I/O."""

import copy
from typing import Any

import msgspec

from carelane.apply.errors import InvalidFileError
from carelane.apply.export.access import Standing
from carelane.apply.export.rows import Variables, Writer, why_no_payments
from carelane.apply.export.schemas import LeftOutRecordOut, OrganizationFileOut
from carelane.apply.organization.schemas import MAX_DRUGS, MAX_PROMO_CODES
from carelane.apply.reading import check_raw
from carelane.apply.schemas import MAX_ITEMS
from carelane.apply.writing import comment, to_yaml
from carelane.kit.errors import FieldProblem
from carelane.kit.ids import record_id
from carelane.webhooks.endpoints.actions import MAX_ENDPOINTS

_MOST = {"drugs": MAX_DRUGS, "promoCodes": MAX_PROMO_CODES, "webhooks": MAX_ENDPOINTS}
# Each round takes out what is at fault, some at a time, and what names what the round before took out.
_MAX_ROUNDS = 1_000
# What entries can do without: it stays as it stands then.
_OPTIONAL = {"products": "exemptedTaxes"}
_HEAD = (
    "The organization as it stood, for `carelane apply`: on the same installation it changes nothing, on a new one it makes",
    "the same clinic. Not in it: passwords and second factors (members without one are invited), revoked keys and clients,",
    "templates of replies and decisions, saved views; of the billing dialect listeners, tags of patients, own words for how",
    "payments come, what only it knows of items, packages and locations; and what is no setting: patients, cases, orders, money.",
)


class _Fault(msgspec.Struct, frozen=True):
    """What applying would refuse: an entry of a section, or all of that, for `part` of it."""

    section: str
    index: int | None
    part: str | None
    why: str


def write(standing: Standing, *, with_secrets: bool) -> OrganizationFileOut:
    """Takes a while for a large catalogue: for a thread."""
    writer = Writer(standing, with_secrets=with_secrets)
    raw = writer.sections()
    left_out = [*_unsayable(standing), *_cut(raw), *_refused(raw, writer.variables)]
    body = to_yaml(raw)
    variables = [name for name in writer.variables.examples if f"${{{name}}}" in body]
    return OrganizationFileOut(
        tenant=standing.organization.tenant,
        text="\n".join([*_head(variables, left_out), body]),
        variables=variables,
        left_out=left_out,
    )


def _head(variables: list[str], left_out: list[LeftOutRecordOut]) -> list[str]:
    lines = [comment(line) for line in _HEAD]
    if variables:
        lines += [
            "#",
            comment("Set these variables to the secrets that they stand for, or take the lines out: then a secret"),
        ]
        lines += [comment("stays as it is, and of what is new one is made and printed.")]
        lines += [comment(f"  {name}") for name in variables]
    if left_out:
        lines += ["#", comment("Left out, because a file cannot say it:")]
        lines += [comment(f"  {one.section}: {one.name}: {one.why}") for one in left_out]
    return lines


def _unsayable(standing: Standing) -> list[LeftOutRecordOut]:
    """What the entries have no words for."""
    why = why_no_payments(standing.terms, bool(standing.accounts))
    found = [LeftOutRecordOut(section="payments", name="payments", why=why)] if why else []
    owner = standing.organization.id
    renamed = [one for one in standing.members if one.given_id and record_id(owner, one.given_id) != one.id]
    why = "what the billing dialect calls this member was given later, and is not in the file"
    return found + [LeftOutRecordOut(section="staff", name=one.email, why=why) for one in renamed]


def _cut(raw: dict[str, Any]) -> list[LeftOutRecordOut]:
    """The oldest stay."""
    found: list[LeftOutRecordOut] = []
    for section, entries in raw.items():
        most = _MOST.get(section, MAX_ITEMS)
        if isinstance(entries, list) and len(entries) > most:
            found += [
                LeftOutRecordOut(section=section, name=_name_of(one), why=f"a file has at most {most}")
                for one in entries[most:]
            ]
            del entries[most:]
    return found


def _refused(raw: dict[str, Any], variables: Variables) -> list[LeftOutRecordOut]:
    """Takes out of `raw` what applying would refuse, and then what names that."""
    found: list[LeftOutRecordOut] = []
    for _ in range(_MAX_ROUNDS):
        try:
            check_raw(copy.deepcopy(raw), variables.examples)
        except InvalidFileError as error:
            found += [_take_out(raw, fault) for fault in _faults(error.problems)]
            continue
        break
    return found


def _faults(problems: list[FieldProblem]) -> list[_Fault]:
    """One for each entry at fault, the last entry first, with the first thing that is wrong with it."""
    wrong: dict[tuple[str, int | None], _Fault] = {}
    for problem in problems:
        section, *rest = problem.steps() or ["organization"]
        index = rest[0] if rest and isinstance(rest[0], int) else None
        part = next((step for step in rest if isinstance(step, str)), None)
        _, _, field = problem.field.partition(".")
        why = f"{field}: {problem.problem}" if field else problem.problem
        wrong.setdefault((str(section), index), _Fault(str(section), index, part, why))
    return sorted(wrong.values(), key=lambda one: (one.section, -(one.index or 0)))


def _take_out(raw: dict[str, Any], fault: _Fault) -> LeftOutRecordOut:
    section, index = fault.section, fault.index
    if index is None:
        entry = raw.pop(section, {})
    elif fault.part == _OPTIONAL.get(section, ""):
        entry = raw[section][index]
        del entry[fault.part]
    else:
        entry = raw[section].pop(index)
    return LeftOutRecordOut(section=section, name=_name_of(entry), why=fault.why)


def _name_of(entry: Any) -> str:
    if isinstance(entry, dict) and "language" in entry and "kind" in entry:
        return f"{entry['kind']} {entry['language']}"
    names = (entry.get(key) for key in ("name", "code", "email", "linkName")) if isinstance(entry, dict) else ()
    return next((str(name) for name in names if name), "all of it")
