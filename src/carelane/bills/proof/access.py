"""Links to what a patient owes and to receipts, and what they show to whom. No I/O.

A link holds the organization and the patient, and which of the patient's links it is, or the organization and a payment; until when
it is good; and an HMAC over all. Nothing is stored, and nobody can guess one. What the patient bought and owes is shown to
whoever proves to be the patient (`quotes/page/access.py` says how); wrong tries are counted by patient, on whichever page. A signed
cookie remembers who has shown it, for one patient and half an hour.
"""

import struct
from datetime import UTC, datetime, timedelta
from typing import Literal
from urllib.parse import urlsplit
from uuid import UUID

import msgspec

from carelane.bills.proof.queries import ProofRow
from carelane.kit import links
from carelane.kit.auth import Actor
from carelane.permissions import PATIENT
from carelane.quotes.page.access import KnownPatient, holds, known_patient
from carelane.web.html.cookies import SignedCookie

PATH = "/bill"
RECEIPTS = f"{PATH}/receipts"
LIFETIME = timedelta(days=366)
# Bodies of different lengths, so that neither link passes for the other under their common key; nor does the cookie.
_BILL = struct.Struct(">16s16s3sI")
_RECEIPT = struct.Struct(">16s16sI")
_VERSION_BYTES = 3
_BILL_CHARACTERS, _RECEIPT_CHARACTERS = 74, 70

PASS = SignedCookie("carelane_bill", lifetime_seconds=1_800)

# What a page shows.
ProofKind = Literal["replaced", "ended", "call", "closed", "locked", "verify", "open"]


class BillLink(msgspec.Struct, frozen=True):
    organization_id: UUID
    patient_id: UUID
    version: int
    expires_at: datetime

    def body(self) -> bytes:
        ends, version = int(self.expires_at.timestamp()), self.version.to_bytes(_VERSION_BYTES, "big")
        return _BILL.pack(self.organization_id.bytes, self.patient_id.bytes, version, ends)


class ReceiptLink(msgspec.Struct, frozen=True):
    organization_id: UUID
    payment_id: UUID
    expires_at: datetime

    def body(self) -> bytes:
        ends = int(self.expires_at.timestamp())
        return _RECEIPT.pack(self.organization_id.bytes, self.payment_id.bytes, ends)


def bill_link(organization_id: UUID, patient_id: UUID, version: int, made_at: datetime) -> BillLink:
    """All of a patient's that are made on one day are the same, so that whoever asks again is answered the same."""
    ends = (made_at.astimezone(UTC) + LIFETIME + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return BillLink(organization_id, patient_id, version, ends)


def receipt_link(organization_id: UUID, payment_id: UUID, made_at: datetime) -> ReceiptLink:
    return ReceiptLink(organization_id, payment_id, (made_at + LIFETIME).replace(microsecond=0))


def token_of(key: bytes, link: BillLink | ReceiptLink) -> str:
    return links.sign(key, link.body(), links.SHORT_TAG_BYTES)


def url_of(key: bytes, base_url: str, link: BillLink | ReceiptLink) -> str:
    path = PATH if isinstance(link, BillLink) else RECEIPTS
    return f"{base_url.rstrip('/')}{path}/{token_of(key, link)}"


def base_path(public_url: str | None) -> str:
    """Where the pages are, for links among them: a public URL may have a path of its own."""
    return urlsplit(public_url or "").path.rstrip("/") + PATH


def read_bill_link(key: bytes, token: str) -> BillLink | None:
    """None for a token that is not ours, without asking the database. One that has ended is ours all the same."""
    body = links.read(key, token, _BILL.size, links.SHORT_TAG_BYTES) if len(token) == _BILL_CHARACTERS else None
    if body is None:
        return None
    organization_id, patient_id, version, ends = _BILL.unpack(body)
    ends_at = datetime.fromtimestamp(ends, UTC)
    return BillLink(UUID(bytes=organization_id), UUID(bytes=patient_id), int.from_bytes(version, "big"), ends_at)


def read_receipt_link(key: bytes, token: str) -> ReceiptLink | None:
    """None for a token that is not ours. One that has ended is ours all the same."""
    body = links.read(key, token, _RECEIPT.size, links.SHORT_TAG_BYTES) if len(token) == _RECEIPT_CHARACTERS else None
    if body is None:
        return None
    organization_id, payment_id, ends = _RECEIPT.unpack(body)
    return ReceiptLink(UUID(bytes=organization_id), UUID(bytes=payment_id), datetime.fromtimestamp(ends, UTC))


def reader_of(organization_id: UUID, request_id: str | None) -> Actor:
    """The actor of a request with a link. Which patient it is follows from the record."""
    return Actor(organization_id, "patient", scopes=PATIENT, request_id=request_id)


def pass_body(organization_id: UUID, row: ProofRow) -> bytes:
    """What the cookie says: who was shown to be whom, for the links of now."""
    return organization_id.bytes + row.patient.id.bytes + row.tries.version.to_bytes(_VERSION_BYTES, "big")


def known_of(row: ProofRow) -> KnownPatient:
    patient = row.patient
    return known_patient(patient.last_name, patient.date_of_birth, patient.phone_e164 or patient.phone_number)


def proof_kind(row: ProofRow, link: BillLink | ReceiptLink, now: datetime, *, is_verified: bool) -> ProofKind:
    """What may be shown to whoever holds the link."""
    if link.expires_at <= now:
        return "ended"
    version = link.version if isinstance(link, BillLink) else None
    if version is not None and version != row.tries.version:
        return "replaced"
    if is_verified:
        return "open"
    if not known_of(row).can_be_asked:
        return "call"
    if row.tries.is_closed:
        return "closed"
    return "locked" if holds(row.tries.unlocks_at, now) else "verify"
