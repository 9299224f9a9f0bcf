"""Making one of several records, as a caller of the billing dialect says."""

from functools import partial

from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import refuse
from carelane.kit.phi import DataKey
from carelane.patients.billing.access import get_patient
from carelane.patients.billing.schemas import BillingPatientOut
from carelane.patients.billing.views import show_patient
from carelane.patients.duplicates.schemas import MergePatientIn, broken_rules
from carelane.patients.merging.actions import lock_patients, merge_two
from carelane.permissions import PATIENTS_MERGE, requires
from carelane.services import Services
from carelane.web.idempotency import RequestKey, run_once


@requires(PATIENTS_MERGE)
async def merge_doubles(
    services: Services, actor: Actor, body: list[MergePatientIn], request_key: RequestKey | None
) -> list[BillingPatientOut]:
    """All of them or none; those who stay are answered.

    Raises RuleBrokenError, PatientNotFoundError, MergeRefusedError, and what `run_once` raises.
    """
    refuse(broken_rules(body))
    data_key = await services.keyring.data_key(actor.organization_id)
    return await run_once(services, actor, request_key, partial(_merge, actor, data_key, body))


async def _merge(
    actor: Actor, data_key: DataKey, body: list[MergePatientIn], conn: Connection
) -> list[BillingPatientOut]:
    await lock_patients(
        conn, actor, *dict.fromkeys(ref for one in body for ref in (one.patient_id, *one.duplicate_ids))
    )
    for one in body:
        for ref in one.duplicate_ids:
            await merge_two(actor, one.patient_id, ref, conn)
    return [show_patient(data_key, await get_patient(conn, actor, one.patient_id)) for one in body]
