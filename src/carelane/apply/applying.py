"""`carelane apply FILE`: brings organizations to what a YAML file says. Applying it again changes nothing.

All writes of one organization are one transaction. A dry run makes the same writes and undoes them, so what it shows is
what would happen.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

from psycopg.errors import UniqueViolation

from carelane.apply import rows
from carelane.apply.catalog import apply_catalog
from carelane.apply.changes import Change, compare
from carelane.apply.credentials import apply_credentials
from carelane.apply.partners.actions import apply_drugs, apply_pharmacies, apply_webhooks, refused_urls
from carelane.apply.people.actions import apply_staff
from carelane.apply.places.actions import apply_places
from carelane.apply.queries import get_wrapped_data_key, list_products
from carelane.apply.reading import InvalidFileError, read_file
from carelane.apply.schemas import OrganizationEntry, OrganizationFile
from carelane.kit.auth import system_actor
from carelane.kit.db import Connection
from carelane.kit.errors import FieldProblem
from carelane.kit.phi import DataKey, MasterKey
from carelane.organizations import actions, queries
from carelane.services import Services

_TAKEN = {
    "organizations_tenant_key": FieldProblem("organization.tenant", "another organization goes by this name"),
    "credentials_secret_digest_key": FieldProblem("keys, clients", "a secret belongs to another organization already"),
    "staff_email_key": FieldProblem("staff", "a member with another id has one of these e-mail addresses already"),
    "staff_email_key_index": FieldProblem(
        "staff", "a member with another id has one of these e-mail addresses already"
    ),
    "pharmacies_organization_id_code_key": FieldProblem(
        "pharmacies", "another pharmacy has one of these codes already"
    ),
    "pharmacies_id_key": FieldProblem("pharmacies", "one of these ids belongs to a pharmacy of another organization"),
    "drugs_organization_id_code_key": FieldProblem("drugs", "another drug has one of these codes already"),
    "webhook_endpoints_organization_id_name_key": FieldProblem("webhooks", "another one goes by one of these names"),
}


class _UndoneError(Exception):
    """Ends the transaction of a dry run."""


async def apply_file(
    services: Services, path: Path, dry_run: bool, variables: Mapping[str, str] = os.environ
) -> list[Change]:
    """What was changed, or with `dry_run` would be, in the order of the file.

    `variables` fill `${NAME}` in secrets. Raises InvalidFileError that lists every fault; then the organization at fault
    is as it was, and with a fault in the file itself so is every other.
    """
    changes: list[Change] = []
    files = read_file(path, variables)
    refused = [problem for file in files for problem in refused_urls(services.http, file.pharmacies, file.webhooks)]
    if refused:
        raise InvalidFileError(problems=refused)
    for file in files:
        changes += await _apply_organization(services, file, dry_run)
    return changes


async def _apply_organization(services: Services, file: OrganizationFile, dry_run: bool) -> list[Change]:
    organization_id = await _organization_id(services, file.organization)
    changes: list[Change] = []
    try:
        async with services.db.transaction(system_actor(organization_id)) as conn:
            changes = await _write(conn, services.master_key, organization_id, file)
            if dry_run:
                raise _UndoneError
    except _UndoneError:
        # A secret made in a dry run opens nothing, so it is not shown.
        return [Change(action=change.action, what=change.what, name=change.name) for change in changes]
    except UniqueViolation as error:
        taken = _TAKEN.get(error.diag.constraint_name or "")
        if taken is None:
            raise
        raise InvalidFileError(problems=[taken]) from None
    return changes


async def _organization_id(services: Services, wanted: OrganizationEntry) -> UUID:
    async with services.db.across() as conn:
        found = await queries.find_organization_id(conn, wanted.tenant)
    if wanted.id is not None and found not in (None, wanted.id):
        raise InvalidFileError(problems=[_TAKEN["organizations_tenant_key"]])
    return wanted.id or found or rows.derived_organization_id(wanted.tenant)


async def _write(
    conn: Connection, master_key: MasterKey, organization_id: UUID, file: OrganizationFile
) -> list[Change]:
    await queries.lock_tenant(conn, file.organization.tenant)
    before = await queries.find_organization(conn, organization_id)
    after = rows.organization_row(organization_id, file.organization)
    if before is None:
        await actions.create_organization(conn, master_key, after)
    elif before != after:
        await queries.save_organization(conn, after)
    changes = compare("organization", [after], [before] if before else [])
    changes += await apply_credentials(conn, organization_id, file)
    changes += await apply_catalog(conn, organization_id, file)
    changes += await apply_places(conn, organization_id, file.locations, file.taxes)
    return changes + await _write_people_and_partners(conn, master_key, organization_id, file)


async def _write_people_and_partners(
    conn: Connection, master_key: MasterKey, organization_id: UUID, file: OrganizationFile
) -> list[Change]:
    # Not from the keyring: it would not see the key of an organization that this very transaction makes.
    wrapped = await get_wrapped_data_key(conn, organization_id)
    data_key = DataKey(organization_id, master_key.unwrap(organization_id, wrapped))
    products = rows.ids_by_name(organization_id, "product", file.products, await list_products(conn, organization_id))
    changes = await apply_staff(conn, organization_id, data_key, file.staff)
    changes += await apply_pharmacies(conn, organization_id, data_key, file.pharmacies)
    changes += await apply_drugs(conn, organization_id, file.drugs, products)
    return changes + await apply_webhooks(conn, organization_id, data_key, file.webhooks)
