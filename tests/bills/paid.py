"""A patient with a bill, and one who paid it on its page."""

from datetime import datetime
from uuid import UUID

from carelane.bills.proof.access import PATH, bill_link, token_of
from carelane.kit import clock
from carelane.kit.auth import system_actor
from tests.factories.charges import line, make_charge
from tests.factories.rows import insert_link
from tests.payment_page.patient import leads_to
from tests.quote_page.cast import RIGHT

TOTAL_CENTS = 15_900


async def owing(world, paying, *lines, **values) -> UUID:
    """A charge of the clinic's patient."""
    lines = lines or (line("Tablets", TOTAL_CENTS, product_id=UUID(paying.clinic.item_id)),)
    return await make_charge(world.services, paying.clinic, *lines, is_test=True, **values)


def bill_path(world, paying, version: int = 1, patient_id: str | None = None, made_at: datetime | None = None) -> str:
    patient = UUID(patient_id or paying.clinic.patient_id)
    link = bill_link(paying.organization_id, patient, version, made_at or clock.now())
    return f"{PATH}/{token_of(world.services.bill_link_key, link)}"


async def proved(world, paying, patient) -> str:
    """The path of the bill, whose reader has shown who they are."""
    path = bill_path(world, paying)
    assert (await patient.press(f"{path}/verify", **RIGHT)).status_code == 303
    return path


async def paid(world, paying, patient, charge_id: UUID | None = None) -> UUID:
    """The payment of a charge that the patient paid on the page."""
    charge_id = charge_id or await owing(world, paying)
    path = await proved(world, paying, patient)
    checkout = leads_to(await patient.press(f"{path}/pay", charge=str(charge_id)))
    await patient.open(leads_to(await patient.open(await patient.pays_at(checkout))))
    patient.client.cookies.clear()
    ((payment_id, status),) = await world.rows(
        paying, "SELECT id, status FROM payments WHERE organization_id = %s AND charge_id = %s", charge_id
    )
    assert status == "PAID"
    return payment_id


async def closed_for_good(world, paying) -> None:
    """The patient's pages, as thirty wrong tries leave them."""
    tries = {"wrong_verifications": 30, "verification_locks": 6, "verification_closed_at": clock.now()}
    own = UUID(paying.clinic.patient_id)
    async with world.services.db.transaction(system_actor(paying.organization_id)) as conn:
        await conn.execute("DELETE FROM bill_pages WHERE patient_id = %s", (own,))
    await insert_link(world.services, paying.organization_id, "bill_pages", patient_id=own, **tries)
