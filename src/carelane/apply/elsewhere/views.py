"""What stands, field by field as the file says it, beside what was applied. No I/O."""

from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from msgspec import UNSET

from carelane.apply.elsewhere.schemas import ChangedFieldOut, ChangedRecordOut, FileChangeOut, FileDifferenceOut
from carelane.apply.export.access import Standing
from carelane.apply.logos.actions import LOGOS, standing_logos
from carelane.apply.mail_templates.actions import MAIL_TEMPLATE, standing_templates
from carelane.apply.organization import actions as organization
from carelane.apply.partners.actions import standing_endpoint, standing_pharmacy
from carelane.apply.payments import actions as payments
from carelane.apply.people.availability.views import AVAILABILITY, fields_said_as
from carelane.apply.queries import AppliedRecord, Fields
from carelane.apply.states import IDENTIFIED_BY, secret_digest
from carelane.apply.views import Change, fields_of, show_both
from carelane.kit.phi import DataKey
from carelane.pharmacies.queries import SECRET as PHARMACY_SECRET
from carelane.sessions import codes
from carelane.staff.queries import Secrets
from carelane.webhooks.queries import SECRET as WEBHOOK_SECRET

# What is remembered beside the password, to compare it by.
_OF_PASSWORDS = "passwordHash"
Found = dict[tuple[str, UUID], Fields]


def changed_records(applied: Iterable[AppliedRecord], standing: Standing) -> list[ChangedRecordOut]:
    """Those of which a field stands otherwise than it was applied, in the order of kinds and names."""
    stands, names = _stands(standing), _names(standing)
    found = [_compare(record, stands.get((record.kind, record.record_id)), standing, names) for record in applied]
    return sorted((one for one in found if one), key=lambda one: (one.what, one.name))


def _compare(
    record: AppliedRecord, there: Fields | None, standing: Standing, names: dict[str, str]
) -> ChangedRecordOut | None:
    name = _name_of(record, standing)
    if there is None:
        # A credential that was revoked by the file is as it was wanted.
        return ChangedRecordOut(what=record.kind, name=name, id=record.record_id, is_gone=True, fields=[])
    if record.kind == "staff":
        there = there | _sign_in(record, standing.secrets.get(record.record_id), standing.data_key)
    if record.kind == AVAILABILITY:
        # The address is the member's, and told there.
        there = fields_said_as(there, record.fields) | {"email": record.fields.get("email")}
    if record.kind in {"pharmacy", "webhook"} and "secret" in record.fields:
        there = there | _secret_of(record, standing)
    fields = [
        ChangedFieldOut(field=field, applied=texts[0], stands=texts[1])
        for field, value in record.fields.items()
        if field != _OF_PASSWORDS and there.get(field, UNSET) != value
        for texts in [show_both(field, value, there.get(field), names)]
    ]
    return (
        ChangedRecordOut(what=record.kind, name=name, id=record.record_id, is_gone=False, fields=fields)
        if fields
        else None
    )


def _name_of(record: AppliedRecord, standing: Standing) -> str:
    if record.kind in {payments.TERMS, LOGOS}:
        return standing.organization.name
    if record.kind == payments.GATEWAY:
        is_test = any(one.id == record.record_id and one.is_test for one in standing.accounts)
        return f"stripe {'test' if is_test else 'live'}"
    return str(record.fields.get({"link_name": "linkName"}.get(key := IDENTIFIED_BY.get(record.kind, "name"), key), ""))


def _sign_in(record: AppliedRecord, secrets: Secrets | None, data_key: DataKey) -> Fields:
    """A password is the applied one while its hash is; nobody can tell more of it."""
    kept = secrets.password_hash if secrets else None
    of_hash = secret_digest(data_key, kept.encode()) if kept is not None else None
    is_same = of_hash is not None and of_hash == record.fields.get(_OF_PASSWORDS)
    sealed = secrets.totp_secret_sealed if secrets else None
    known = (
        data_key.open(sealed, codes.SECRET, record.record_id)
        if sealed is not None and "totpSecret" in record.fields
        else None
    )
    return {
        "password": record.fields.get("password") if is_same else of_hash,
        "totpSecret": secret_digest(data_key, known) if known is not None else None,
    }


def _stands(standing: Standing) -> Found:
    key, own = standing.data_key, standing.organization
    found: Found = {
        ("organization", own.id): fields_of("organization", own),
        (payments.TERMS, own.id): payments.terms_of(standing.terms),
        (LOGOS, own.id): standing_logos(standing.logos),
    }
    for account in standing.accounts:
        found[payments.GATEWAY, account.id] = payments.stands_of(account, key)
    for credential in standing.credentials:
        found[credential.kind, credential.id] = organization.stands_of(credential, key)
    for kind, rows in _plain_rows(standing):
        found |= {(kind, row.id): fields_of(kind, row) for row in rows}
    return found | dict(_partners(standing))


def _plain_rows(standing: Standing) -> Iterator[tuple[str, Iterable[Any]]]:
    yield "product", standing.products
    yield "form", standing.forms
    yield "bundle", standing.bundles
    yield "branding", [standing.branding] if standing.branding else []
    yield "promo code", standing.promo_codes
    yield "location", standing.locations
    yield "tax", standing.taxes
    yield "staff", standing.members
    yield AVAILABILITY, standing.availability.values()
    yield "drug", standing.drugs
    yield MAIL_TEMPLATE, standing_templates(standing.organization.id, standing.mail_templates)


def _partners(standing: Standing) -> Iterator[tuple[tuple[str, UUID], Fields]]:
    for pharmacy in standing.pharmacies:
        yield ("pharmacy", pharmacy.id), fields_of("pharmacy", standing_pharmacy(pharmacy))
    for endpoint in standing.endpoints:
        told = {"enabled": endpoint.disabled_at is None}
        yield ("webhook", endpoint.id), fields_of("webhook", standing_endpoint(endpoint)) | told


def _secret_of(record: AppliedRecord, standing: Standing) -> Fields:
    """A digest of the partner's secret, as it is remembered."""
    found: tuple[bytes | None, str] = (None, "")
    if record.kind == "pharmacy":
        sealed = {one.id: one.secret_sealed for one in standing.pharmacies}
        found = sealed.get(record.record_id), PHARMACY_SECRET
    elif record.kind == "webhook":
        found = standing.endpoint_secrets.get(record.record_id), WEBHOOK_SECRET
    if found[0] is None:
        return {}
    key = standing.data_key
    return {"secret": secret_digest(key, key.open(found[0], found[1], record.record_id))}


def _names(standing: Standing) -> dict[str, str]:
    """Of the records whose ids may be in the values."""
    named: tuple[Any, ...] = (
        *standing.products,
        *standing.forms,
        *standing.bundles,
        *standing.locations,
        *standing.taxes,
    )
    return {str(one.id): one.name for one in named}


def file_changes(changes: Iterable[Change], conflicts: set[str]) -> list[FileChangeOut]:
    """`conflicts` are the places at which applying would stop: `product Tablets: price`."""
    return [
        FileChangeOut(
            action=change.action,
            what=change.what,
            name=change.name,
            notes=change.notes,
            differences=[
                FileDifferenceOut(
                    field=one.field,
                    stands=one.stands,
                    wanted=one.wanted,
                    what="CONFLICT" if f"{change.what} {change.name}: {one.field}" in conflicts else "KEPT",
                )
                for one in (*change.kept, *change.overwritten)
            ],
        )
        for change in changes
    ]
