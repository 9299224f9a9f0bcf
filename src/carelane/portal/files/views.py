"""From a file's row to what its patient sees."""

from carelane.documents.queries import FILE_NAME
from carelane.kit.damage import shown
from carelane.kit.phi import DataKey
from carelane.portal.files.queries import FileRow
from carelane.portal.files.schemas import FileOut


def show_file(data_key: DataKey, row: FileRow) -> FileOut:
    return FileOut(
        id=row.id,
        file_name=open_name(data_key, row),
        is_phi=row.is_phi,
        is_restricted=row.is_restricted,
        case_id=row.case_id,
        created_at=row.created_at,
        uploaded_by=row.uploaded_by,
    )


def open_name(data_key: DataKey, row: FileRow) -> str:
    return shown(data_key, bytes.fromhex(row.file_name), FILE_NAME, row.id)
