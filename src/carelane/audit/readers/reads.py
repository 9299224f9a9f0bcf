"""Reading who may see a patient. That it was read is on record."""

import msgspec

from carelane import events
from carelane.audit.disclosures.queries import find_name
from carelane.audit.queries import list_records_of
from carelane.audit.readers import queries
from carelane.audit.readers.schemas import OPENING, ReaderOut, ReaderRow, ReadersOut
from carelane.kit.auth import Actor
from carelane.kit.ids import record_id
from carelane.patient_detail.errors import PatientNotFoundError
from carelane.patient_detail.seen.queries import find_living
from carelane.permissions import AUDIT_READ, OF_ROLE, requires
from carelane.services import Services

_MOST = 500
_REASON = "readers of a patient"


@requires(AUDIT_READ)
async def list_readers(services: Services, actor: Actor, ref: str) -> ReadersOut:
    """Raises PatientNotFoundError."""
    organization_id = actor.organization_id
    opened = [role for role, permissions in OF_ROLE.items() if permissions & set(OPENING)]
    async with services.db.transaction(actor) as conn:
        patient_id = await find_living(conn, organization_id, record_id(organization_id, ref))
        if patient_id is None:
            raise PatientNotFoundError(f"no patient {ref} here")
        first_name, last_name = await find_name(conn, organization_id, patient_id)
        records = await list_records_of(conn, organization_id, patient_id)
        found = await queries.list_readers(conn, organization_id, records, opened, OPENING, _MOST + 1)
        await events.record_read(conn, actor, "patient", patient_id, _REASON)
    return ReadersOut(
        patient_id=patient_id,
        first_name=first_name,
        last_name=last_name,
        readers=[_show(row) for row in found[:_MOST]],
        cannot=[role for role in OF_ROLE if role not in opened],
        is_cut=len(found) > _MOST,
    )


def _show(row: ReaderRow) -> ReaderOut:
    held = (OF_ROLE[row.role] if row.role else frozenset(row.scopes)) if row.is_active else frozenset()
    values = msgspec.structs.asdict(row)
    del values["scopes"]
    return ReaderOut(**values, opens_by=[permission for permission in OPENING if permission in held])
