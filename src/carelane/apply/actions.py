"""`carelane apply FILE`: brings organizations to what a YAML file says. Applying it again changes nothing.

All writes of one organization are one transaction; only the cases of members who leave are taken back behind it. A dry run makes the same writes and undoes them, so what it shows is
what would happen.
"""

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from uuid import UUID, uuid5

import msgspec
import structlog
from psycopg.errors import UniqueViolation

from carelane.apply import queries
from carelane.apply.branding.actions import apply_branding
from carelane.apply.catalog.actions import apply_bundles, apply_products
from carelane.apply.errors import ChangedElsewhereError, InvalidFileError
from carelane.apply.logos.actions import apply_logos
from carelane.apply.mail_templates.actions import apply_mail_templates
from carelane.apply.organization.actions import apply_credentials, apply_organization
from carelane.apply.organization.schemas import OrganizationEntry, OrganizationFile
from carelane.apply.partners.actions import apply_drugs, apply_pharmacies, apply_webhooks, refused_urls
from carelane.apply.payments.actions import apply_payments
from carelane.apply.people.actions import apply_invitations, apply_staff
from carelane.apply.places.actions import apply_places
from carelane.apply.promo_codes.actions import apply_promo_codes
from carelane.apply.reading import read_file
from carelane.apply.states import Comparison
from carelane.apply.views import Change
from carelane.clinic.people.actions import take_back_left
from carelane.kit import failpoints
from carelane.kit.auth import Actor, system_actor
from carelane.kit.db import Connection
from carelane.kit.errors import FieldProblem, UnavailableError
from carelane.kit.phi import DataKey
from carelane.organizations.queries import find_organization_id, get_wrapped_data_key
from carelane.permissions import ORGANIZATION_MANAGE, requires
from carelane.services import Services

log = structlog.get_logger()

# Organizations without a given id get the same one wherever the same file is applied.
_NAMESPACE = UUID("5e0c9d0a-6f0b-4c55-9d0c-b1b3c1a0b7de")
_EMAIL_TAKEN = FieldProblem("staff", "a member with another id has one of these e-mail addresses already")
_TAKEN = {
    "organizations_tenant_key": FieldProblem("organization.tenant", "another organization goes by this name"),
    "branding_link_name_key": FieldProblem("branding.linkName", "another organization goes by this name"),
    "credentials_secret_digest_key": FieldProblem("keys, clients", "a secret belongs to another organization already"),
    "staff_email_key": _EMAIL_TAKEN,
    "staff_email_key_index": _EMAIL_TAKEN,
    "pharmacies_organization_id_code_key": FieldProblem(
        "pharmacies", "another pharmacy has one of these codes already"
    ),
    "pharmacies_id_key": FieldProblem("pharmacies", "one of these ids belongs to a pharmacy of another organization"),
    "forms_organization_id_product_id_name_key": FieldProblem(
        "forms", "another form with another id has one of these names already"
    ),
    "promo_codes_code_key": FieldProblem(
        "promoCodes", "another promo code with another id has one of these codes already"
    ),
    "drugs_organization_id_code_key": FieldProblem("drugs", "another drug has one of these codes already"),
    "webhook_endpoints_name_key": FieldProblem("webhooks", "another one goes by one of these names"),
}


class _UndoneError(Exception):
    """Ends the transaction of a dry run."""


class _How(msgspec.Struct, frozen=True):
    is_dry_run: bool
    overwrites: bool
    invites: bool = True


async def apply_file(
    services: Services,
    path: Path,
    dry_run: bool,
    variables: Mapping[str, str] = os.environ,
    *,
    overwrite: bool = False,
    invites: bool = True,
) -> list[Change]:
    """What was changed, or with `dry_run` would be, in the order of the file.

    `variables` fill `${NAME}` in secrets. Without `invites`, members who have no password are left alone. Raises InvalidFileError that lists every fault; then the organization at fault
    is as it was, and with a fault in the file itself so is every other. Raises ChangedElsewhereError, and then nothing is
    applied, unless with `overwrite` the file's values win.
    """
    files = read_file(path, variables)
    refused = [
        msgspec.structs.replace(problem, field=prefix + problem.field)
        for prefix, file in _with_prefixes(files)
        for problem in refused_urls(services.http, file.pharmacies, file.webhooks)
    ]
    if refused:
        raise InvalidFileError(problems=refused)
    if len(files) > 1 and not overwrite:
        await _refuse_conflicts(services, files)
    how = _How(dry_run, overwrite, invites)
    changes: list[Change] = []
    for prefix, file in _with_prefixes(files):
        try:
            changes += await _apply_organization(services, file, how)
        except InvalidFileError as error:
            raise InvalidFileError(
                problems=[msgspec.structs.replace(each, field=prefix + each.field) for each in error.problems]
            ) from None
    return changes


@requires(ORGANIZATION_MANAGE)
async def try_file(
    services: Services, actor: Actor, files: list[OrganizationFile], *, overwrites: bool = False
) -> list[Change]:
    """What applying the file of the actor's own organization would change; all of it is undone.

    Raises InvalidFileError, also for the file of another organization, and ChangedElsewhereError.
    """
    (file, *others) = files
    async with services.db.across() as conn:
        named = file.organization.id or await find_organization_id(conn, file.organization.tenant)
    if others or named != actor.organization_id:
        raise InvalidFileError(problems=[FieldProblem("organization.tenant", "expected this clinic's, and no other")])
    refused = refused_urls(services.http, file.pharmacies, file.webhooks)
    if refused:
        raise InvalidFileError(problems=refused)
    how = _How(is_dry_run=True, overwrites=overwrites, invites=False)
    return await _apply_as(services, actor, file, how)


def _with_prefixes(files: list[OrganizationFile]) -> list[tuple[str, OrganizationFile]]:
    """Each with what its places begin with."""
    return [(f"organizations[{index}]." if len(files) > 1 else "", file) for index, file in enumerate(files)]


async def _refuse_conflicts(services: Services, files: list[OrganizationFile]) -> None:
    """Each organization is a transaction of its own, so all are tried first. Raises ChangedElsewhereError."""
    conflicts: list[FieldProblem] = []
    for file in files:
        try:
            # What else is wrong may be right once the organizations before it have been applied.
            with suppress(InvalidFileError):
                await _apply_organization(services, file, _How(is_dry_run=True, overwrites=False))
        except ChangedElsewhereError as error:
            tenant = file.organization.tenant
            conflicts += [FieldProblem(f"{tenant}: {each.field}", each.problem) for each in error.problems]
    if conflicts:
        raise ChangedElsewhereError(problems=conflicts)


async def _apply_organization(services: Services, file: OrganizationFile, how: _How) -> list[Change]:
    return await _apply_as(services, system_actor(await _organization_id(services, file.organization)), file, how)


async def _apply_as(services: Services, actor: Actor, file: OrganizationFile, how: _How) -> list[Change]:
    changes: list[Change] = []
    try:
        async with services.db.transaction(actor) as conn:
            changes = await _write(services, conn, actor, file, how)
            if how.is_dry_run:
                raise _UndoneError
    except _UndoneError:
        # A secret made in a dry run opens nothing, so it is not shown.
        return [msgspec.structs.replace(change, id=None, secret=None) for change in changes]
    except UniqueViolation as error:
        taken = _TAKEN.get(error.diag.constraint_name or "")
        if taken is None:
            raise
        raise InvalidFileError(problems=[taken]) from None
    # Each time, so that what a member leaves is nobody's even where the server stopped here the last time.
    try:
        await take_back_left(services, actor)
    except UnavailableError:
        # What was applied stands, and some of it is shown this once: the next apply takes them back.
        log.warning("cases_left_in_hand", organization_id=str(actor.organization_id))
    return changes


async def _organization_id(services: Services, wanted: OrganizationEntry) -> UUID:
    async with services.db.across() as conn:
        found = await find_organization_id(conn, wanted.tenant)
    if wanted.id is not None and found not in (None, wanted.id):
        raise InvalidFileError(problems=[_TAKEN["organizations_tenant_key"]])
    return wanted.id or found or uuid5(_NAMESPACE, wanted.tenant)


async def _write(services: Services, conn: Connection, actor: Actor, file: OrganizationFile, how: _How) -> list[Change]:
    """Raises ChangedElsewhereError."""
    await queries.lock_organization_file(conn, actor.organization_id)
    applied = await queries.list_applied(conn, actor.organization_id)
    comparison = Comparison(actor.organization_id, applied, overwrites=how.overwrites)
    changes = await apply_organization(conn, actor, file.organization, comparison, services.master_key)
    # Not from the keyring: it would not see the key of an organization that this very transaction makes.
    wrapped = await get_wrapped_data_key(conn, actor.organization_id)
    data_key = DataKey(actor.organization_id, services.master_key.unwrap(actor.organization_id, wrapped))
    changes += await apply_payments(conn, actor, file.organization, file.payments, comparison, data_key)
    changes += await apply_credentials(conn, actor, file, comparison, data_key)
    # Before the products, which name taxes.
    place_changes, tax_ids = await apply_places(conn, actor, file.locations, file.taxes, comparison)
    product_changes, product_ids = await apply_products(conn, actor, file.products, tax_ids, comparison)
    changes += product_changes
    bundle_changes, bundle_ids, form_ids = await apply_bundles(conn, actor, file, product_ids, comparison)
    changes += bundle_changes
    changes += await apply_branding(conn, actor, file.branding, bundle_ids, form_ids, comparison)
    changes += await apply_logos(conn, actor, file.organization.name, file.logos, comparison)
    changes += await apply_mail_templates(conn, actor, file.mail_templates, comparison)
    changes += await apply_promo_codes(conn, actor, file.promo_codes, bundle_ids, comparison)
    changes += place_changes
    changes += await apply_staff(conn, actor, file.staff, comparison, data_key)
    if how.invites:
        changes += await apply_invitations(services, conn, actor, comparison, data_key)
    changes += await apply_pharmacies(conn, actor, file.pharmacies, comparison, data_key)
    changes += await apply_drugs(conn, actor, file.drugs, product_ids, comparison)
    changes += await apply_webhooks(conn, actor, file.webhooks, comparison, data_key)
    if comparison.conflicts:
        raise ChangedElsewhereError(problems=comparison.conflicts)
    await queries.save_applied(conn, actor, comparison.to_remember)
    failpoints.reach("apply.written")
    return changes
