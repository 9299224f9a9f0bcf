"""From the rows of carried answers to what storefronts fill in. No I/O."""

from collections.abc import Sequence

import msgspec

from carelane.forms.queries import ANSWER
from carelane.forms.schemas import NOT_CARRIED
from carelane.kit.damage import DAMAGED, shown
from carelane.kit.phi import DataKey
from carelane.kit.texts import is_blank
from carelane.portal.carried.queries import CarriedRow
from carelane.portal.carried.schemas import CarriedAnswerOut


def show_answers(data_key: DataKey, rows: Sequence[CarriedRow]) -> list[CarriedAnswerOut]:
    """Without what is of no use: empty or damaged answers, documents, and options that are gone."""
    shown_ones = []
    for row in rows:
        answer = _answer(row, _text(data_key, row))
        if answer and row.type not in NOT_CARRIED:
            shown_ones.append(
                CarriedAnswerOut(
                    question_id=row.question_id,
                    question=row.question,
                    type=row.type,
                    answer=answer,
                    answered_at=row.answered_at,
                )
            )
    return shown_ones


def _text(data_key: DataKey, row: CarriedRow) -> str:
    if row.sealed is None:
        return row.text or ""
    text = shown(data_key, bytes.fromhex(row.sealed), ANSWER, row.id)
    return "" if text == DAMAGED else text


def _answer(row: CarriedRow, text: str) -> str | list[str]:
    if row.type == "MULTISELECT":
        return [choice for choice in _choices(text) if choice in row.options]
    if is_blank(text) or (row.type == "SINGLESELECT" and text not in row.options):
        return ""
    return text


def _choices(text: str) -> list[str]:
    """Several are kept as JSON; one may stand by itself."""
    try:
        return msgspec.json.decode(text, type=list[str])
    except (msgspec.DecodeError, RecursionError):
        return [text]
