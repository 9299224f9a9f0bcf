"""Decisions of clinicians, with what they prescribe."""

from typing import Any
from uuid import UUID

import msgspec

from carelane.cases.schemas import MedicationIn
from carelane.kit.ids import uuid7
from carelane.services import Services
from tests.factories.rows import insert_row


async def decide(
    services: Services, organization_id: UUID, case_id: UUID, added_by_id: UUID, text: str | None = None, **values: Any
) -> UUID:
    """A decision; its text is sealed."""
    decision_id, sealed = uuid7(), None
    if text is not None:
        key = await services.keyring.data_key(organization_id)
        sealed = key.seal(text.encode(), "decisions.decision_text_sealed", decision_id)
    return await insert_row(
        services,
        organization_id,
        "decisions",
        **(
            {"id": decision_id, "case_id": case_id, "added_by_id": added_by_id, "decision_text_sealed": sealed} | values
        ),
    )


async def prescribe(
    services: Services, organization_id: UUID, decision_id: UUID, medication: MedicationIn, position: int = 0
) -> UUID:
    """An entry of the decision's medInfo, sealed whole."""
    medication_id = uuid7()
    key = await services.keyring.data_key(organization_id)
    sealed = key.seal(msgspec.json.encode(medication), "decision_medications.sealed", medication_id)
    return await insert_row(
        services,
        organization_id,
        "decision_medications",
        id=medication_id,
        decision_id=decision_id,
        position=position,
        sealed=sealed,
    )
