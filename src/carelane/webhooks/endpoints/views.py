"""From an attempt's row to what staff see of it. No I/O."""

from carelane.kit.phi import DataKey
from carelane.webhooks.endpoints.schemas import AnsweredOut
from carelane.webhooks.sending.queries import AnsweredRow
from carelane.webhooks.sending.views import open_answer


def show_answered(data_key: DataKey, row: AnsweredRow) -> AnsweredOut:
    """One that does not open says so."""
    answer = open_answer(data_key, row.answer_sealed, row.id)
    return AnsweredOut(
        number=row.number,
        http_status=row.http_status,
        failure=row.failure,
        duration_milliseconds=row.duration_milliseconds,
        created_at=row.created_at,
        answer=answer.text if answer else None,
        is_answer_cut=answer is not None and answer.is_cut,
    )
