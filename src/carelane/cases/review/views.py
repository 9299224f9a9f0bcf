"""Cases as staff see them in answers to their acts."""

from carelane.cases.review.access import acts_on
from carelane.cases.review.queries import CaseSummary, Holder
from carelane.cases.review.schemas import CaseSummaryOut, HeldOut, RequestSummaryOut
from carelane.staff.schemas import BasicUserOut


def show_case(case: CaseSummary) -> CaseSummaryOut:
    return CaseSummaryOut(
        id=case.id,
        short_id=case.short_id,
        status=case.status,
        is_archived=case.is_archived,
        is_escalated=case.is_escalated,
        waits_since=case.waits_since,
        asked_patient_at=case.asked_patient_at,
        assigned_to=_holder(case.assigned_to),
        in_progress_by=_holder(case.in_progress_by),
        requests=[
            RequestSummaryOut(product_id=request.product_id, name=request.name, status=request.status)
            for request in case.requests
        ],
        version=case.version,
        held_decision=None
        if case.held is None
        else HeldOut(id=case.held.id, by=_user(case.held.by), due_at=case.held.due_at),
        possible_acts=acts_on(case),
    )


def _holder(holder: Holder | None) -> BasicUserOut | None:
    return None if holder is None else _user(holder)


def _user(holder: Holder) -> BasicUserOut:
    return BasicUserOut(holder.id, holder.first_name, holder.last_name)
