"""Pharmacies, drugs and webhooks of a file: compared with what is there, and handed to their own actions."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from carelane.apply.partners.schemas import DrugEntry, PharmacyEntry, WebhookEntry
from carelane.apply.queries import Fields
from carelane.apply.states import Comparison, secret_digest
from carelane.apply.views import Change
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import FieldProblem
from carelane.kit.http import Http, TargetRefusedError
from carelane.kit.phi import DataKey
from carelane.permissions import PHARMACIES_MANAGE, WEBHOOKS_MANAGE, requires
from carelane.pharmacies.actions import WantedPharmacy, save_drugs, save_pharmacies
from carelane.pharmacies.queries import SECRET as PHARMACY_SECRET
from carelane.pharmacies.queries import Drug, Pharmacy, lock_drugs, lock_pharmacies
from carelane.webhooks.endpoints import queries as endpoints
from carelane.webhooks.endpoints.actions import save_endpoints
from carelane.webhooks.endpoints.queries import WantedEndpoint
from carelane.webhooks.endpoints.schemas import EndpointOut
from carelane.webhooks.queries import SECRET as WEBHOOK_SECRET


def refused_urls(http: Http, pharmacies: list[PharmacyEntry], webhooks: list[WebhookEntry]) -> list[FieldProblem]:
    """URLs that cannot be read, and private addresses that CARELANE_ALLOWED_NETWORKS does not allow."""
    urls = [(f"pharmacies[{index}].url", pharmacy.url) for index, pharmacy in enumerate(pharmacies)]
    urls += [(f"webhooks[{index}].url", webhook.url) for index, webhook in enumerate(webhooks)]
    problems = []
    for place, url in urls:
        try:
            if url is not None:
                http.require_allowed(url)
        except TargetRefusedError as error:
            problems.append(FieldProblem(place, str(error)))
    return problems


@requires(PHARMACIES_MANAGE)
async def apply_pharmacies(
    conn: Connection, actor: Actor, entries: list[PharmacyEntry], comparison: Comparison, data_key: DataKey
) -> list[Change]:
    """A new one comes with its id: callbacks go to an address that names it."""
    there = await lock_pharmacies(conn, actor.organization_id, *comparison.candidates("pharmacy", entries))
    ids = comparison.ids_of("pharmacy", entries, there)
    rows, changes = [], []
    for entry in entries:
        members: dict[str, Any] = {**msgspec.structs.asdict(entry), "id": ids[entry.code]}
        wanted = WantedPharmacy(**members)
        before = there.get(wanted.id)
        secrets = _secrets(data_key, entry.secret, before.secret_sealed if before else None, PHARMACY_SECRET, wanted.id)
        standing = standing_pharmacy(before) if before else None
        row, merged = comparison.merge_row("pharmacy", wanted, standing, secrets)
        comparison.remember("pharmacy", wanted.id, merged.fields)
        rows.append(msgspec.structs.replace(row, secret=None) if "secret" in merged.kept else row)
        changes.append(merged.change)
    made = await save_pharmacies(conn, actor, rows, data_key)
    return _with_made(changes, [row.id for row in rows], made)


@requires(PHARMACIES_MANAGE)
async def apply_drugs(
    conn: Connection, actor: Actor, entries: list[DrugEntry], product_ids: Mapping[str, UUID], comparison: Comparison
) -> list[Change]:
    """`product_ids` are those of the file's products by name. What is no name is an id: the rules made sure."""
    there = await lock_drugs(conn, actor.organization_id, *comparison.candidates("drug", entries))
    ids = comparison.ids_of("drug", entries, there)
    wanted = [_drug(actor.organization_id, ids[entry.code], entry, product_ids) for entry in entries]
    rows, changes = comparison.merge_rows("drug", wanted, there)
    await save_drugs(conn, actor, rows)
    return changes


@requires(WEBHOOKS_MANAGE)
async def apply_webhooks(
    conn: Connection, actor: Actor, entries: list[WebhookEntry], comparison: Comparison, data_key: DataKey
) -> list[Change]:
    """A new one without a secret is given one; what waits for one that is switched off is canceled."""
    # Not locked: the sender locks deliveries before endpoints, and which deliveries to lock is not known yet.
    listed = await endpoints.list_endpoints(conn, actor.organization_id)
    # Listeners are their storefronts'. Of those that had a name one after the other, the one that is on is meant.
    listed = sorted((each for each in listed if each.dialect == "CARE"), key=lambda each: each.disabled_at is not None)
    there = {each.id: each for each in listed}
    sealed = await endpoints.list_secrets(conn, actor.organization_id)
    ids = comparison.ids_of("webhook", entries, there)
    rows, changes = [], []
    for entry in entries:
        wanted, before = _endpoint(ids[entry.name], entry), there.get(ids[entry.name])
        says, stand = _secrets(data_key, entry.secret, sealed.get(wanted.id), WEBHOOK_SECRET, wanted.id)
        if entry.enabled is not None:
            says |= {"enabled": entry.enabled}
            stand |= {"enabled": before is not None and before.disabled_at is None}
        standing = standing_endpoint(before) if before else None
        row, merged = comparison.merge_row("webhook", wanted, standing, (says, stand))
        comparison.remember("webhook", wanted.id, merged.fields)
        left = {name: None for name, field in _LEFT.items() if field in merged.kept}
        rows.append(msgspec.structs.replace(row, **left))
        changes.append(merged.change)
    made = await save_endpoints(conn, actor, rows, data_key)
    return _with_made(changes, [row.id for row in rows], made)


# Members of a WantedEndpoint that are None to leave them as they are, with the file's fields.
_LEFT = {"secret": "secret", "is_enabled": "enabled"}


def _secrets(
    data_key: DataKey, secret: str | None, sealed: bytes | None, place: str, record_id: UUID
) -> tuple[Fields, Fields]:
    """The secret as the file says it, if it does, and as it stands."""
    if secret is None:
        return {}, {}
    stands = secret_digest(data_key, data_key.open(sealed, place, record_id)) if sealed is not None else None
    return {"secret": secret_digest(data_key, secret.encode())}, {"secret": stands}


def standing_pharmacy(there: Pharmacy) -> WantedPharmacy:
    """What it is, without its secret."""
    return msgspec.convert(there, WantedPharmacy, from_attributes=True)


def standing_endpoint(there: EndpointOut) -> WantedEndpoint:
    """What it is, without its secret."""
    standing = msgspec.convert(there, WantedEndpoint, from_attributes=True)
    return msgspec.structs.replace(standing, events=sorted(standing.events))


def _endpoint(endpoint_id: UUID, entry: WebhookEntry) -> WantedEndpoint:
    return WantedEndpoint(
        id=endpoint_id,
        name=entry.name,
        url=entry.url,
        events=sorted(entry.events),
        document_format=entry.document_format,
        payload=entry.payload,
        secret_header=entry.secret_header,
        is_enabled=entry.enabled,
        secret=entry.secret,
    )


def _drug(organization_id: UUID, drug_id: UUID, entry: DrugEntry, product_ids: Mapping[str, UUID]) -> Drug:
    return Drug(
        organization_id=organization_id,
        id=drug_id,
        code=entry.code,
        name=entry.name,
        ndc=entry.ndc,
        schedule=entry.schedule,
        product_id=(product_ids.get(entry.product) or UUID(entry.product)) if entry.product else None,
        is_active=entry.is_active,
    )


def _with_made(changes: list[Change], ids: list[UUID], made: Mapping[UUID, str]) -> list[Change]:
    """The changes, with the id of what is new and with the secret that was made for it, or for what was a simulator."""
    return [
        msgspec.structs.replace(change, id=record_id, secret=made.get(record_id))
        if change.action == "create" or record_id in made
        else change
        for change, record_id in zip(changes, ids, strict=True)
    ]
