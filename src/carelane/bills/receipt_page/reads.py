"""What the page of a receipt is made from."""

import msgspec

from carelane import events
from carelane.bills.printing.views import Printed, printed_of
from carelane.bills.proof.access import PASS, ProofKind, ReceiptLink, pass_body, proof_kind
from carelane.bills.proof.queries import ProofRow, find_proof
from carelane.bills.receipts.access import get_paid
from carelane.kit import clock
from carelane.kit.auth import Actor
from carelane.kit.errors import RecordNotFoundError
from carelane.kit.phi import Phi
from carelane.permissions import PAYMENTS_OWN, requires
from carelane.services import Services


class ReceiptSeen(Phi, msgspec.Struct, frozen=True):
    """`kind` is "open" for whoever has proved to be the patient; for anybody else `receipt` says what was paid, and nothing more."""

    proof: ProofRow
    kind: ProofKind
    receipt: Printed


@requires(PAYMENTS_OWN)
async def view_receipt(services: Services, actor: Actor, link: ReceiptLink, presented: str | None) -> ReceiptSeen:
    """`presented` is the cookie that says who the reader is. Raises RecordNotFoundError, ConflictError."""
    data_key = await services.keyring.data_key(actor.organization_id)
    async with services.db.transaction(actor) as conn:
        row = await get_paid(conn, actor.organization_id, link.payment_id, "of this link")
        proof = await find_proof(conn, actor.organization_id, row.patient.id)
        if proof is None:
            raise RecordNotFoundError
        is_verified = PASS.is_good(services.bill_link_key, pass_body(link.organization_id, proof), presented)
        kind = proof_kind(proof, link, clock.now(), is_verified=is_verified)
        if kind != "ended":
            # Whoever only has the link may be anybody.
            reader = msgspec.structs.replace(actor, id=proof.patient.id if kind == "open" else None)
            await events.record_read(conn, reader, "payment", row.payment.id, "the patient's receipt")
    printed = printed_of(data_key, row)
    return ReceiptSeen(proof, kind, printed if kind == "open" else _without_reasons(printed))


def _without_reasons(printed: Printed) -> Printed:
    """Without what was sold, why, to whom, and what is still owed."""
    return msgspec.structs.replace(printed, patient="", purpose=None, charges=[])
