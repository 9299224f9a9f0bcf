"""The demo's approved case, under the id that seed 001's examples name: made with the acts of storefront and clinician."""

from datetime import timedelta
from uuid import UUID

import msgspec

from carelane.apply.organization.schemas import OrganizationFile
from carelane.cases.actions import create_case
from carelane.cases.review.actions import assign_case, start_case
from carelane.cases.review.decide import decide_case
from carelane.cases.review.queries import CaseSummary, find_summary
from carelane.cases.review.schemas import AssignIn, DecideIn, DecisionIn
from carelane.cases.schemas import CaseIn, MedicationIn
from carelane.kit import clock
from carelane.kit.auth import Actor, system_actor
from carelane.kit.us_zones import day_in
from carelane.permissions import OF_ROLE
from carelane.services import Services

DEMO_CASE_ID = UUID("123e4567-e89b-12d3-a456-426614174000")

# The same person for both dialects: who has the e-mail address is the patient.
PATIENT: dict[str, object] = {
    "firstName": "Robin",
    "lastName": "Vale",
    "email": "robin.vale@patient.example",
    "gender": "OTHER",
    "phoneNumber": "+14155550123",
    "dateOfBirth": "1984-07-19",
    "address": "123 Main Street",
    "city": "San Francisco",
    "state": "CA",
    "country": "US",
    "zipCode": "94105",
}
_USER = {name: PATIENT[name] for name in ("firstName", "lastName", "email", "gender", "phoneNumber")} | {
    "dob": PATIENT["dateOfBirth"],
    "shippingAddress": {
        "addressLine1": PATIENT["address"],
        "city": PATIENT["city"],
        "state": PATIENT["state"],
        "country": PATIENT["country"],
        "postalCode": PATIENT["zipCode"],
    },
}
_FORM = {
    "title": "Intake",
    "questions": [{"question": "What is your usual blood pressure?", "answer": "142/91", "phi": True, "type": "TEXT"}],
}
_MEDICATION = MedicationIn(
    medicine="Lisinopril 10 mg tablets",
    dosage="10 mg",
    refill_count=3,
    dosing_frequency="once a day",
    treatment_period="30 days",
    pharmacy_instructions="Take one tablet a day with food",
)


async def make_demo_case(services: Services, organization_id: UUID, clinician_id: UUID, file: OrganizationFile) -> None:
    """Makes the case unless it is there, and brings it on if an earlier try stopped half-way. A decided one is left alone."""
    ref = str(DEMO_CASE_ID)
    clinician = Actor(organization_id, "staff", clinician_id, OF_ROLE["CASEWORKER"])
    case = await _summary(services, organization_id)
    if case is None:
        product = {"id": str(file.products[0].id), "visitType": "ASYNC_TEXT_EMAIL", "form": _FORM}
        body = msgspec.convert({"user": _USER, "products": [product], "forceCreate": True}, CaseIn)
        await create_case(services, system_actor(organization_id), body, None, DEMO_CASE_ID)
        case = await _summary(services, organization_id)
    if case is not None and not case.is_archived and case.status in {"OPEN", "ASSIGNED"}:
        holder = case.assigned_to.id if case.assigned_to else None
        if holder != clinician_id:
            await assign_case(services, clinician, ref, AssignIn(staff_id=clinician_id, instead_of=holder))
        case = await start_case(services, clinician, ref)
    if case is not None and not case.is_archived and case.status == "IN_PROGRESS":
        await decide_case(services, clinician, ref, _approval(case), None)


async def _summary(services: Services, organization_id: UUID) -> CaseSummary | None:
    async with services.db.reading(organization_id) as conn:
        return await find_summary(conn, organization_id, DEMO_CASE_ID)


def _approval(case: CaseSummary) -> DecideIn:
    # A decision begins with the patient's day, which in the evening is not that of Greenwich: here with the latest of theirs.
    today = day_in("CA", clock.now())
    decisions = [
        DecisionIn(
            product_id=request.product_id,
            outcome="APPROVED",
            start_date=today,
            end_date=today + timedelta(days=365),
            decision_text="Suitable; blood pressure to be looked at again in three months.",
            med_info=[_MEDICATION],
        )
        for request in case.requests
        if request.status == "PENDING"
    ]
    return DecideIn(decisions=decisions)
