"""Looking patients up. What shows patients is recorded as one read of the organization's patients."""

from carelane import events
from carelane.kit.auth import Actor
from carelane.kit.ids import record_id
from carelane.kit.phones import digits_of
from carelane.patients.billing.schemas import BillingPatientOut, PatientWithMembershipsOut
from carelane.patients.billing.search import queries
from carelane.patients.billing.search.schemas import MAX_SEARCH_WORDS, PatientFilters, PatientsOut, birth_date_in
from carelane.patients.billing.views import show_found, show_patient, show_row
from carelane.permissions import PATIENTS_READ, requires
from carelane.services import Services
from carelane.web.paging import Page

# What a telephone number may hold beside its digits: a term with anything else is not looked for in telephone numbers.
_PHONE_CHARACTERS = frozenset("0123456789 +-().")
_LEAST_DIGITS = 3


@requires(PATIENTS_READ)
async def list_patients(services: Services, actor: Actor, filters: PatientFilters, page: Page) -> PatientsOut:
    """One page of those who fit the filters."""
    data_key = await services.keyring.data_key(actor.organization_id)
    async with services.db.transaction(actor) as conn:
        rows, total = await queries.list_page(conn, actor.organization_id, filters, page)
        await events.record_read(conn, actor, "patients", actor.organization_id, "table of patients")
    return PatientsOut([show_row(data_key, row) for row in rows], total)


@requires(PATIENTS_READ)
async def list_patient_ids(services: Services, actor: Actor, filters: PatientFilters, page: Page) -> list[str]:
    """As `list_patients`, ids alone."""
    async with services.db.transaction(actor) as conn:
        ids = await queries.list_ids(conn, actor.organization_id, filters, page)
        await events.record_read(conn, actor, "patients", actor.organization_id, "ids of patients")
    return ids


@requires(PATIENTS_READ)
async def search_patients(services: Services, actor: Actor, term: str, most: int) -> list[PatientWithMembershipsOut]:
    """At most `most` patients in whom all words of the term are found; archived ones are left out."""
    words = [birth_date_in(word) or word for word in term.split()[:MAX_SEARCH_WORDS]]
    term = " ".join(words)
    digits = digits_of(term) if set(term) <= _PHONE_CHARACTERS else ""
    if len(digits) < _LEAST_DIGITS:
        digits = ""
    patient_id = record_id(actor.organization_id, term)
    data_key = await services.keyring.data_key(actor.organization_id)
    async with services.db.transaction(actor) as conn:
        rows = await queries.list_found(conn, actor.organization_id, patient_id, words, digits, most)
        await events.record_read(conn, actor, "patients", actor.organization_id, "search of patients")
    return [show_found(data_key, row) for row in rows]


@requires(PATIENTS_READ)
async def list_patients_by_refs(services: Services, actor: Actor, refs: list[str]) -> list[BillingPatientOut]:
    """In the order of `refs`, archived ones too. Unknown ones are left out."""
    ids = [record_id(actor.organization_id, ref) for ref in refs]
    data_key = await services.keyring.data_key(actor.organization_id)
    async with services.db.transaction(actor) as conn:
        rows = await queries.list_by_ids(conn, actor.organization_id, ids)
        await events.record_read(conn, actor, "patients", actor.organization_id, "patients by their ids")
    return [show_patient(data_key, row) for row in rows]


@requires(PATIENTS_READ)
async def has_external_id(services: Services, actor: Actor, external_id: str) -> bool:
    """Whether any patient has it, archived or not."""
    async with services.db.reading(actor.organization_id) as conn:
        return await queries.find_external_id(conn, actor.organization_id, external_id)
