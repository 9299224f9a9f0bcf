"""Making and changing pharmacies and drugs, in the caller's transaction."""

from collections.abc import Collection, Iterable
from uuid import UUID

import msgspec

from carelane import events
from carelane.event_names import EventType
from carelane.kit.auth import Actor, new_secret
from carelane.kit.db import Connection
from carelane.kit.phi import DataKey
from carelane.permissions import PHARMACIES_MANAGE, requires
from carelane.pharmacies import queries
from carelane.pharmacies.queries import SECRET, AdapterName, Drug, Pharmacy
from carelane.pharmacies.schemas import SIMULATOR_SECRET

SIMULATORS: frozenset[AdapterName] = frozenset({"simulator", "simulator-fhir"})
SECRET_PREFIX = "cvp"  # noqa: S105 - how a made secret begins


class WantedPharmacy(msgspec.Struct, frozen=True, kw_only=True):
    """`secret` None: as it is. What has none of its own yet gets one: what the simulator expects, or one that is made; what was
    a simulator has none, for everybody knows what that expects."""

    id: UUID
    code: str
    name: str
    adapter: AdapterName
    url: str | None
    is_active: bool
    secret: str | None = None

    def __repr__(self) -> str:
        return "WantedPharmacy(***)"


@requires(PHARMACIES_MANAGE)
async def save_pharmacies(
    conn: Connection, actor: Actor, wanted: list[WantedPharmacy], data_key: DataKey
) -> dict[UUID, str]:
    """Makes each pharmacy what is wanted, with an event for each that changes. Returns the secrets that were made here."""
    there = await queries.lock_pharmacies(conn, actor.organization_id, (pharmacy.id for pharmacy in wanted))
    made: dict[UUID, str] = {}
    rows = []
    for pharmacy in wanted:
        before, secret = there.get(pharmacy.id), pharmacy.secret
        was, becomes = before and before.adapter in SIMULATORS, pharmacy.adapter in SIMULATORS
        if secret is None and was is not becomes:
            secret = SIMULATOR_SECRET if becomes else new_secret(SECRET_PREFIX)
            if not becomes:
                made[pharmacy.id] = secret
        rows.append(_row(actor.organization_id, pharmacy, _sealed(data_key, pharmacy.id, before, secret)))
    changed = [row for row in rows if there.get(row.id) != row]
    await queries.save_pharmacies(conn, changed)
    await _record(conn, actor, "PHARMACY_CHANGED", (row.id for row in changed), there)
    return made


def _sealed(data_key: DataKey, pharmacy_id: UUID, before: Pharmacy | None, secret: str | None) -> bytes:
    """What is there when it is the secret, or when none is wanted: sealing again would change the bytes."""
    if before is not None and (
        secret is None or data_key.open(before.secret_sealed, SECRET, pharmacy_id) == secret.encode()
    ):
        return before.secret_sealed
    return data_key.seal((secret or "").encode(), SECRET, pharmacy_id)


def _row(organization_id: UUID, wanted: WantedPharmacy, secret_sealed: bytes) -> Pharmacy:
    return Pharmacy(
        organization_id=organization_id,
        id=wanted.id,
        code=wanted.code,
        name=wanted.name,
        adapter=wanted.adapter,
        url=wanted.url,
        secret_sealed=secret_sealed,
        is_active=wanted.is_active,
    )


@requires(PHARMACIES_MANAGE)
async def save_drugs(conn: Connection, actor: Actor, wanted: list[Drug]) -> None:
    """Makes each drug what is wanted, with an event for each that changes. Products must be there."""
    there = await queries.lock_drugs(conn, actor.organization_id, (drug.id for drug in wanted))
    changed = [drug for drug in wanted if there.get(drug.id) != drug]
    await queries.save_drugs(conn, changed)
    await _record(conn, actor, "DRUG_CHANGED", (drug.id for drug in changed), there)


async def _record(
    conn: Connection, actor: Actor, kind: EventType, ids: Iterable[UUID], there: Collection[UUID]
) -> None:
    changes = [
        events.new_event(actor, kind, None, target_id=one, value_after="CHANGED" if one in there else "CREATED")
        for one in ids
    ]
    if changes:
        await events.record(conn, *changes)
