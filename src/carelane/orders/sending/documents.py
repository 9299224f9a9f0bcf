"""The two documents of an order: the prescription that we make, and what the pharmacy writes about it.

A file is stored, sealed, before the row that names it is written.
"""

from carelane import events
from carelane.documents.actions import NewFile, safe_type, store_files
from carelane.documents.queries import FILE_NAME, Attachment
from carelane.kit.db import Connection, Sealed
from carelane.kit.ids import uuid7
from carelane.kit.typesetting import in_typesetter
from carelane.orders.sending import queries
from carelane.orders.sending.task import OrderTask
from carelane.orders.sending.views import render
from carelane.pharmacies.adapters import PharmacyDocument
from carelane.pharmacies.schemas import Prescription

_MOST_NAME_CHARACTERS = 200


async def make_prescription(task: OrderTask, prescription: Prescription) -> NewFile:
    """Made and stored. The id is the order's from the beginning, so what is made twice lies in one place.

    Raises NoGlyphError.
    """
    content = await in_typesetter(render, prescription)
    name = f"prescription-{prescription.external_id}.pdf"
    file = NewFile(id=task.order.document_id or uuid7(), name=name, content_type="application/pdf", content=content)
    await _store(task, file)
    return file


async def keep_document(task: OrderTask, document: PharmacyDocument) -> NewFile:
    """The pharmacy's own document, stored. Its name and type are the pharmacy's words and are taken with care."""
    name = document.name[:_MOST_NAME_CHARACTERS] or "document"
    file = NewFile(id=uuid7(), name=name, content_type=safe_type(document.content_type), content=document.content)
    await _store(task, file)
    return file


async def add_to_case(conn: Connection, task: OrderTask, file: NewFile) -> events.Event:
    """Writes the row of a stored file and returns the event to record: a restricted document of the order's case."""
    order = task.order
    row = Attachment(
        organization_id=order.organization_id,
        id=file.id,
        case_id=order.case_id,
        file_name_sealed=Sealed(task.data_key.seal(file.name.encode(), FILE_NAME, file.id)),
        content_type=file.content_type,
        size_bytes=len(file.content),
        storage_key=file.storage_key(order.organization_id),
        is_phi=True,
        is_restricted=True,
    )
    await queries.insert_attachment(conn, row)
    return events.new_event(task.actor, "ADD_CASE_ATTACHMENT", order.case_id, target_id=file.id, is_test=order.is_test)


async def _store(task: OrderTask, file: NewFile) -> None:
    await store_files(task.services.storage, task.data_key, task.order.organization_id, [file])
