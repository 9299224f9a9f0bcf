"""Links to what patients owe. Each read that names its patient is recorded."""

from carelane import events
from carelane.bills.links import views
from carelane.bills.links.schemas import LinkAsked, PublicInvoiceOut, PublicInvoiceSummaryOut
from carelane.bills.owed import queries
from carelane.bills.owed.access import RETURN_EXPECTED, may_return_to
from carelane.bills.proof.queries import ProofRow, find_proof
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import FieldProblem, InvalidRequestError, RecordNotFoundError
from carelane.kit.ids import record_id
from carelane.kit.phones import to_e164
from carelane.permissions import BILLING_READ, requires
from carelane.services import Services


@requires(BILLING_READ)
async def list_payment_links(services: Services, actor: Actor, ref: str, asked: LinkAsked) -> list[PublicInvoiceOut]:
    """What the patient owes. Raises RecordNotFoundError, InvalidRequestError."""
    organization_id = actor.organization_id
    data_key = await services.keyring.data_key(organization_id)
    async with services.db.transaction(actor) as conn:
        proof = await get_proof(conn, actor, ref)
        await refuse_foreign(conn, actor, asked)
        owed = await queries.list_owed(conn, organization_id, proof.patient.id)
        await events.record_read(conn, actor, "patient", proof.patient.id, "links to what a patient owes")
    link = views.show_link(services.bill_link_key, organization_id, proof, asked)
    return [views.show_invoice(data_key, proof, row, link) for row in owed]


@requires(BILLING_READ)
async def get_link(services: Services, actor: Actor, ref: str, base: str) -> str:
    """The patient's link alone, for whoever has read what is owed; it says nothing of the patient. Raises RecordNotFoundError."""
    async with services.db.reading(actor.organization_id) as conn:
        proof = await get_proof(conn, actor, ref)
    asked = LinkAsked(base=base, return_url=None)
    return views.show_link(services.bill_link_key, actor.organization_id, proof, asked)


@requires(BILLING_READ)
async def list_links_of_phone(
    services: Services, actor: Actor, phone_number: str, asked: LinkAsked
) -> list[PublicInvoiceSummaryOut]:
    """What everybody with this number owes. Raises InvalidRequestError."""
    organization_id, phone = actor.organization_id, to_e164(phone_number)
    if phone is None:
        problem = "expected a phone number such as +12125550100"
        raise InvalidRequestError(problems=[FieldProblem("phone_number", problem, "query")])
    shown = []
    async with services.db.transaction(actor) as conn:
        await refuse_foreign(conn, actor, asked)
        for sharing in await queries.list_sharing(conn, organization_id, phone):
            proof = await find_proof(conn, organization_id, sharing.id)
            owed = await queries.list_owed(conn, organization_id, sharing.id)
            if proof is None or not owed:
                continue
            link = views.show_link(services.bill_link_key, organization_id, proof, asked)
            shown += views.show_summaries(proof, owed, link)
            await events.record_read(conn, actor, "patient", sharing.id, "links to what a patient owes")
    return shown


async def get_proof(conn: Connection, actor: Actor, ref: str) -> ProofRow:
    """Raises RecordNotFoundError."""
    proof = await find_proof(conn, actor.organization_id, record_id(actor.organization_id, ref))
    if proof is None:
        raise RecordNotFoundError(f"no patient {ref} here")
    return proof


async def refuse_foreign(conn: Connection, actor: Actor, asked: LinkAsked) -> None:
    """Raises InvalidRequestError where the page would lead on to somewhere else."""
    if asked.return_url is not None and not await may_return_to(conn, actor.organization_id, asked.return_url):
        raise InvalidRequestError(problems=[FieldProblem("return_url", RETURN_EXPECTED, "query")])
