"""What the audit and the reports have to show: decisions, an order sent, a charge, and what was told to others."""

from uuid import UUID

from carelane.figures.reports.jobs import make_reports_of
from carelane.kit import clock
from carelane.services import Services
from tests.cast import Clinic
from tests.factories.charges import line, make_charge
from tests.factories.decisions import decide
from tests.factories.rows import insert_row


async def make_world_audit(services: Services, clinic: Clinic, case_id: str, patient_id: str) -> None:
    """`case_id`: one that nobody looks at otherwise."""
    here = services, UUID(clinic.organization_id)
    product = {"product_id": UUID(clinic.product_id)}
    await decide(*here, UUID(case_id), UUID(clinic.creator_id), is_approved=True, **product)
    await decide(*here, UUID(case_id), UUID(clinic.creator_id), is_approved=False, **product)
    await make_charge(services, clinic, line(price=15_900, product_id=UUID(clinic.product_id)), is_test=False)
    mail = {"kind": "SIGN_IN_CODE", "channel": "MAIL", "record_kind": "patient", "record_id": UUID(patient_id)}
    await insert_row(*here, "messages", status="SENT", due_at=None, settled_at=clock.now(), **mail)
    await make_reports_of(*here)
