"""Whose charges are which. Recorded: a patient is named."""

from carelane import events
from carelane.charges.changing import queries
from carelane.charges.schemas import UserOut
from carelane.kit.auth import Actor
from carelane.kit.ids import record_id
from carelane.permissions import BILLING_READ, requires
from carelane.services import Services


@requires(BILLING_READ)
async def get_patients(services: Services, actor: Actor, refs: list[str]) -> dict[str, UserOut]:
    """By the ids that were asked for; a charge that is not there is left out."""
    ids = {ref: record_id(actor.organization_id, ref) for ref in refs}
    async with services.db.transaction(actor) as conn:
        found = await queries.list_patients(conn, actor.organization_id, list(ids.values()))
        await events.record_read(conn, actor, "charges", actor.organization_id, "patients of charges")
    return {ref: found[charge_id] for ref, charge_id in ids.items() if charge_id in found}
