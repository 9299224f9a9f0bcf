"""Reads of credit. Each is recorded: a credit names its patient."""

from carelane import events
from carelane.kit.auth import Actor
from carelane.payments.credits import queries, views
from carelane.payments.credits.access import get_patient
from carelane.payments.credits.schemas import AvailableOut, CreditFilter, CreditPageOut, CreditsOut, DeskCreditOut
from carelane.permissions import BILLING_READ, requires
from carelane.services import Services
from carelane.web.paging import Page, Place


@requires(BILLING_READ)
async def list_credits(
    services: Services, actor: Actor, ref: str, page: Page, *, include_expired: bool, include_used: bool
) -> CreditsOut:
    """With that of records merged into the patient's. Raises RecordNotFoundError."""
    data_key = await services.keyring.data_key(actor.organization_id)
    async with services.db.transaction(actor) as conn:
        patient_id = await get_patient(conn, actor, ref)
        rows, total = await queries.list_credits(
            conn,
            actor.organization_id,
            patient_id,
            page,
            include_expired=include_expired,
            include_used=include_used,
        )
        await events.record_read(conn, actor, "patient", patient_id, "credit")
    return CreditsOut(data=[views.show_credit(data_key, row) for row in rows], total=total)


@requires(BILLING_READ)
async def list_desk_credits(services: Services, actor: Actor, ref: str, page: Page) -> list[DeskCreditOut]:
    """All of a patient's, with that of records merged into theirs: what ran out or is used up, too. Raises RecordNotFoundError."""
    data_key = await services.keyring.data_key(actor.organization_id)
    async with services.db.transaction(actor) as conn:
        patient_id, organization_id = await get_patient(conn, actor, ref), actor.organization_id
        books = await queries.get_books(conn, organization_id)
        rows, _total = await queries.list_credits(
            conn, organization_id, patient_id, page, include_expired=True, include_used=True
        )
        await events.record_read(conn, actor, "patient", patient_id, "credit")
    return [views.show_at_desk(data_key, row, books) for row in rows]


@requires(BILLING_READ)
async def get_available(services: Services, actor: Actor, ref: str) -> AvailableOut:
    """What can be spent now. Raises RecordNotFoundError."""
    data_key = await services.keyring.data_key(actor.organization_id)
    async with services.db.transaction(actor) as conn:
        patient_id = await get_patient(conn, actor, ref)
        books = await queries.get_books(conn, actor.organization_id)
        rows = await queries.list_available(conn, actor.organization_id, patient_id, books)
        await events.record_read(conn, actor, "patient", patient_id, "credit that is available")
    return views.show_available(data_key, rows)


@requires(BILLING_READ)
async def list_all_credits(services: Services, actor: Actor, wanted: CreditFilter, limit: int) -> CreditPageOut:
    """Of all patients, newest first."""
    async with services.db.transaction(actor) as conn:
        found = await queries.list_all(conn, actor.organization_id, wanted, limit + 1)
        await events.record_read(conn, actor, "patients", actor.organization_id, "list of credits")
    shown = found[:limit]
    onward = Place(shown[-1].created_date, shown[-1].id).text if len(found) > limit else None
    return CreditPageOut(credits=shown, next=onward)
