"""Pharmacies, drugs and webhooks of an organization file: compared with what is there, and written where they differ."""

from datetime import timedelta
from uuid import UUID, uuid5

from carelane.apply.changes import Change, compare, differing
from carelane.apply.partners import queries
from carelane.apply.partners.queries import EndpointRow
from carelane.apply.partners.schemas import WITHOUT_URL, DrugEntry, PharmacyEntry, WebhookEntry
from carelane.kit import clock
from carelane.kit.auth import new_secret
from carelane.kit.db import Connection
from carelane.kit.errors import FieldProblem
from carelane.kit.http import Http, TargetRefusedError
from carelane.kit.phi import DataKey
from carelane.pharmacies.queries import SECRET as PHARMACY_SECRET
from carelane.pharmacies.queries import Drug, Pharmacy
from carelane.pharmacies.schemas import SIMULATOR_SECRET
from carelane.webhooks import signing
from carelane.webhooks.queries import PREVIOUS_SECRET as PREVIOUS_WEBHOOK_SECRET
from carelane.webhooks.queries import SECRET as WEBHOOK_SECRET
from carelane.webhooks.queries import set_canceled

# How long a webhook's body is signed with the secret before as well.
OLD_SECRET_LIFETIME = timedelta(hours=24)
_PHARMACY_SECRET_PREFIX = "cvp"  # noqa: S105 - how a made secret begins


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


async def apply_pharmacies(
    conn: Connection, organization_id: UUID, data_key: DataKey, wanted: list[PharmacyEntry]
) -> list[Change]:
    """A new one comes with its id: callbacks go to an address that names it."""
    if not wanted:
        return []
    existing = await queries.list_pharmacies(conn, organization_id)
    known = {pharmacy.id: pharmacy for pharmacy in existing}
    ids = _ids(organization_id, "pharmacy", wanted, existing)
    made: dict[UUID, str] = {}
    rows = []
    for pharmacy, pharmacy_id in zip(wanted, ids, strict=True):
        before = known.get(pharmacy_id)
        secret = pharmacy.secret
        if secret is None and pharmacy.adapter in WITHOUT_URL:
            # What the simulator expects unless it was started with another.
            secret = SIMULATOR_SECRET
        elif secret is None and before is None:
            secret = made[pharmacy_id] = new_secret(_PHARMACY_SECRET_PREFIX)
        sealed = _sealed(data_key, PHARMACY_SECRET, pharmacy_id, before.secret_sealed if before else None, secret)
        rows.append(_pharmacy(organization_id, pharmacy_id, pharmacy, sealed))
    await queries.save_pharmacies(conn, differing(rows, existing))
    return _told(compare("pharmacy", rows, existing, name=lambda row: str(row.code)), ids, made)


def _pharmacy(organization_id: UUID, pharmacy_id: UUID, wanted: PharmacyEntry, secret_sealed: bytes) -> Pharmacy:
    return Pharmacy(
        organization_id=organization_id,
        id=pharmacy_id,
        code=wanted.code,
        name=wanted.name,
        adapter=wanted.adapter,
        url=wanted.url,
        secret_sealed=secret_sealed,
        is_active=wanted.is_active,
    )


async def apply_drugs(
    conn: Connection, organization_id: UUID, wanted: list[DrugEntry], product_ids: dict[str, UUID]
) -> list[Change]:
    """`product_ids` are those of the file's products by name. What is no name is an id: the rules made sure."""
    if not wanted:
        return []
    existing = await queries.list_drugs(conn, organization_id)
    ids = _ids(organization_id, "drug", wanted, existing)
    rows = [
        Drug(
            organization_id=organization_id,
            id=drug_id,
            code=drug.code,
            name=drug.name,
            ndc=drug.ndc,
            schedule=drug.schedule,
            product_id=(product_ids.get(drug.product) or UUID(drug.product)) if drug.product else None,
            is_active=drug.is_active,
        )
        for drug, drug_id in zip(wanted, ids, strict=True)
    ]
    await queries.save_drugs(conn, differing(rows, existing))
    return compare("drug", rows, existing, name=lambda row: str(row.code))


async def apply_webhooks(
    conn: Connection, organization_id: UUID, data_key: DataKey, wanted: list[WebhookEntry]
) -> list[Change]:
    """Saves the endpoints that differ. A new one without a secret is given one; what waits for a disabled one is canceled."""
    if not wanted:
        return []
    existing = await queries.list_endpoints(conn, organization_id)
    known, by_name = {row.id: row for row in existing}, {row.name: row.id for row in existing}
    made: dict[UUID, str] = {}
    rows = []
    for webhook in wanted:
        endpoint_id = webhook.id or by_name.get(webhook.name) or uuid5(organization_id, f"webhook:{webhook.name}")
        before = known.get(endpoint_id)
        secret = webhook.secret
        if before is None and secret is None:
            secret = made[endpoint_id] = signing.new_secret()
        rows.append(_endpoint(organization_id, endpoint_id, webhook, before, data_key, secret))
    await queries.save_endpoints(conn, differing(rows, existing))
    for row in rows:
        if row.id in known and known[row.id].is_enabled and not row.is_enabled:
            await set_canceled(conn, organization_id, row.id)
    return _told(compare("webhook", rows, existing), [row.id for row in rows], made)


def _endpoint(
    organization_id: UUID,
    endpoint_id: UUID,
    wanted: WebhookEntry,
    before: EndpointRow | None,
    data_key: DataKey,
    secret: str | None,
) -> EndpointRow:
    sealed = _sealed(data_key, WEBHOOK_SECRET, endpoint_id, before.secret_sealed if before else None, secret)
    previous = (before.previous_secret_sealed, before.previous_secret_ends_at) if before else (None, None)
    if before is not None and sealed != before.secret_sealed:
        old = data_key.open(before.secret_sealed, WEBHOOK_SECRET, endpoint_id)
        previous = (data_key.seal(old, PREVIOUS_WEBHOOK_SECRET, endpoint_id), clock.now() + OLD_SECRET_LIFETIME)
    is_on = wanted.enabled if wanted.enabled is not None else before is None or before.is_enabled
    return EndpointRow(
        organization_id=organization_id,
        id=endpoint_id,
        name=wanted.name,
        url=wanted.url,
        events=sorted(wanted.events),
        document_format=wanted.document_format,
        payload=wanted.payload,
        secret_sealed=sealed,
        previous_secret_sealed=previous[0],
        previous_secret_ends_at=previous[1],
        is_enabled=is_on,
    )


def _ids(
    organization_id: UUID,
    kind: str,
    wanted: list[PharmacyEntry] | list[DrugEntry],
    existing: list[Pharmacy] | list[Drug],
) -> list[UUID]:
    """For each wanted part its id: the given one, that of the existing part of the same code, else a derived one."""
    known = {part.code: part.id for part in existing}
    return [part.id or known.get(part.code) or uuid5(organization_id, f"{kind}:{part.code}") for part in wanted]


def _sealed(data_key: DataKey, place: str, row_id: UUID, before: bytes | None, secret: str | None) -> bytes:
    """The secret, sealed; as it was when none is given, or the one that is there."""
    if before is not None and (secret is None or data_key.open(before, place, row_id) == secret.encode()):
        return before
    return data_key.seal((secret or "").encode(), place, row_id)


def _told(changes: list[Change], ids: list[UUID], made: dict[UUID, str]) -> list[Change]:
    """The changes, with the id of what is new and with the secret that was made for it."""
    return [
        Change(action=change.action, what=change.what, name=change.name, id=part_id, secret=made.get(part_id))
        if change.action == "create"
        else change
        for change, part_id in zip(changes, ids, strict=True)
    ]
