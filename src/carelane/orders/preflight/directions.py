"""Whether what an order directs goes beyond what a clinician wrote. No I/O.

Free text cannot be compared word by word. What changes a dose is its numbers and its intervals, so those are compared, in
their order: "Take 1 tablet daily with food" and "one tablet each day" say the same, "2 tablets daily" does not.
"""

import re
from decimal import Decimal

from carelane.cases.schemas import MedicationIn
from carelane.orders.preflight.values import quantity_number
from carelane.orders.schemas import MAX_SUPPLY_DAYS

_WORD = re.compile(r"\d+(?:[.,/]\d+)?|\.\d+|[a-z]+")
_NUMBERS = {
    "half": "0.5", "one": "1", "once": "1", "single": "1", "two": "2", "twice": "2", "double": "2", "three": "3",
    "thrice": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9", "ten": "10", "twelve": "12",
}  # fmt: skip
_INTERVALS = {
    "hour": "HOUR", "hours": "HOUR", "hourly": "HOUR", "hr": "HOUR", "hrs": "HOUR", "h": "HOUR", "day": "DAY", "days": "DAY",
    "daily": "DAY", "morning": "DAY", "evening": "DAY", "night": "DAY", "nightly": "DAY", "bedtime": "DAY", "noon": "DAY",
    "qd": "DAY", "qhs": "DAY", "week": "WEEK", "weeks": "WEEK", "weekly": "WEEK", "month": "MONTH", "months": "MONTH",
    "monthly": "MONTH", "meal": "MEAL", "meals": "MEAL",
}  # fmt: skip
# Longer directions are none that a person takes in.
MOST_COMPARED = 1_000
_SHORT = {"bid": ["2", "DAY"], "tid": ["3", "DAY"], "qid": ["4", "DAY"], "qod": ["2DAY"]}
_DAYS = {"HOUR": 0, "DAY": 1, "WEEK": 7, "MONTH": 31}
_EVERY = {"every", "each", "per"}


def doses_stated(medications: list[MedicationIn]) -> list[list[str]]:
    """Every way in which the clinician said how to take it; empty where nobody did."""
    return [_doses(text[:MOST_COMPARED]) for medication in medications for text in _stated(medication)]


def goes_beyond(direction: str, stated: list[list[str]]) -> bool:
    """Whether the direction has a number or an interval that none of `doses_stated` has in that order."""
    if not stated:
        return False
    wanted = _doses(direction[:MOST_COMPARED])
    return len(direction) > MOST_COMPARED or not any(_is_within(wanted, doses) for doses in stated)


def _stated(medication: MedicationIn) -> list[str]:
    dose = " ".join(text for text in (medication.dosage, medication.dosing_frequency) if text and text.strip())
    whole = " ".join(text for text in (dose, medication.pharmacy_instructions) if text and text.strip())
    return [text for text in (dose, medication.pharmacy_instructions, whole) if text and text.strip()]


def _doses(text: str) -> list[str]:
    """The numbers and intervals of a text. "Every 2 days" is one of them, and not "2" and "daily"; "once daily" is "daily"."""
    found: list[str] = []
    every_at: int | None = None
    for word in _WORD.findall(text.lower()):
        meaning = _INTERVALS.get(word) or _NUMBERS.get(word) or _number(word)
        if word in _EVERY:
            every_at = len(found)
        elif every_at is not None and word == "other":
            found.append("2")
        elif meaning in _DAYS and every_at is not None and every_at < len(found):
            found[every_at:] = ["".join([*found[every_at:], meaning or ""])]
            every_at = None
        elif meaning is not None:
            every_at = None if word in _INTERVALS else every_at
            found.append(meaning)
        found += _SHORT.get(word, [])
    following = [*found[1:], ""]
    return [part for part, after in zip(found, following, strict=False) if part != "1" or after not in _DAYS]


def _number(word: str) -> str | None:
    """ ".5", "0,5" and "0.50" are the same."""
    if word[-1].isalpha():
        return None
    text = word.replace(",", ".")
    return text if "/" in text else format(Decimal(text).normalize(), "f")


def _is_within(wanted: list[str], stated: list[str]) -> bool:
    rest = iter(stated)
    return all(part in rest for part in wanted)


def quantity_stated(medications: list[MedicationIn]) -> Decimal | None:
    """How much the clinician wrote for one fill, at most; None if that is not said of every medicine."""
    read = [quantity_number(medication.quantity or "") for medication in medications]
    return max((number for number in read if number is not None), default=None) if all(read) else None


def supply_days_stated(medications: list[MedicationIn]) -> int | None:
    """For how many days the clinician wrote it, at most; None if nobody said so, or in words that cannot be read."""
    read = [_days(medication.treatment_period or "") for medication in medications]
    return max((days for days in read if days is not None), default=None) if all(read) else None


def _days(text: str) -> int | None:
    doses = _doses(text)
    if len(doses) == 1:
        doses = ["1", doses[0]]
    if len(doses) != 2 or not doses[0].isdigit() or not _DAYS.get(doses[1]):
        return None
    return min(int(doses[0][:6]) * _DAYS[doses[1]], MAX_SUPPLY_DAYS)
