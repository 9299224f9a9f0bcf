"""What a patient sees of a message, and the mail that tells the clinic of one: nothing in it is about the patient."""

from uuid import UUID

from carelane.conversations.queries import COMMENT_TEXT
from carelane.kit.damage import shown
from carelane.kit.phi import DataKey
from carelane.messages.schemas import Content, NewMessage
from carelane.portal.messages.queries import CaseHeld, MessageRow
from carelane.portal.messages.schemas import CaseMessageOut, MessageAuthorOut
from carelane.web.html.places import at_console


def show_message(data_key: DataKey, row: MessageRow) -> CaseMessageOut:
    is_signed = row.first_name is not None or row.last_name is not None
    return CaseMessageOut(
        id=row.id,
        text=shown(data_key, bytes(row.text_sealed), COMMENT_TEXT, row.id),
        from_="PATIENT" if row.is_patients else "CLINIC",
        author=MessageAuthorOut(first_name=row.first_name, last_name=row.last_name) if is_signed else None,
        created_at=row.created_at,
    )


def tell_clinic(
    case_id: UUID, case: CaseHeld, message_id: UUID, recipient: str, clinic: str, public_url: str | None
) -> NewMessage:
    place = at_console(public_url, f"/cases/{case.short_id}")
    mark = "[test] " if case.is_test else ""
    text = f"{clinic}: the patient wrote in the case {case.short_id}.\n\nSign in{place} to read it.\n"
    return NewMessage(
        kind="CASE_MESSAGE",
        channel="MAIL",
        record_kind="case",
        record_id=case_id,
        content=Content(recipient, f"{mark}New message in case {case.short_id}", text),
        dedupe_key=f"{message_id} {recipient}",
    )
