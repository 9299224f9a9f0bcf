"""From a patient's record, parts of it sealed, to what staff are shown."""

import msgspec

from carelane.documents.queries import FILE_NAME
from carelane.kit.damage import shown
from carelane.kit.phi import DataKey
from carelane.patient_detail.schemas import DocumentOut, PatientDetailOut, PatientRecord
from carelane.patients.billing.views import shown_chart


def show_record(data_key: DataKey, record: PatientRecord) -> PatientDetailOut:
    """Documents are still to be linked."""
    chart = shown_chart(data_key, record.id, bytes.fromhex(record.chart) if record.chart is not None else None)
    members = {name: getattr(record, name) for name in record.__struct_fields__ if name not in ("chart", "documents")}
    return PatientDetailOut(
        **members,
        allergies=chart.allergies,
        medications=chart.medications,
        conditions=chart.medical_history,
        documents=[_show_document(data_key, document) for document in record.documents],
    )


def _show_document(data_key: DataKey, document: DocumentOut) -> DocumentOut:
    name = shown(data_key, bytes.fromhex(document.file_name), FILE_NAME, document.id)
    return msgspec.structs.replace(document, file_name=name)
