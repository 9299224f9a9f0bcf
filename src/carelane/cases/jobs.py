"""The tasks of cases."""

from uuid import UUID

from carelane.cases import actions
from carelane.kit import jobs
from carelane.services import Services

ASSIGN_CASE = "assign_case"


@jobs.task(ASSIGN_CASE)
async def assign_case(services: Services, organization_id: UUID, case_id: UUID) -> None:
    await actions.assign_automatically(services, organization_id, case_id)
