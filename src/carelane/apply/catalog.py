"""Products, forms and bundles of an organization file: compared with what is there, and written where they differ."""

from uuid import UUID

from carelane.apply import queries, rows
from carelane.apply.changes import Change, compare, differing
from carelane.apply.schemas import OrganizationFile
from carelane.kit.db import Connection


async def apply_catalog(conn: Connection, organization_id: UUID, file: OrganizationFile) -> list[Change]:
    product_changes, product_ids = await _apply_products(conn, organization_id, file)
    form_changes, form_ids = await _apply_forms(conn, organization_id, file)
    existing = await queries.list_bundles(conn, organization_id)
    ids = rows.ids_by_name(organization_id, "bundle", file.bundles, existing)
    bundles = rows.bundle_rows(organization_id, file, ids, product_ids, form_ids)
    await queries.save_bundles(conn, differing(bundles, existing))
    return product_changes + form_changes + compare("bundle", bundles, existing)


async def _apply_products(
    conn: Connection, organization_id: UUID, file: OrganizationFile
) -> tuple[list[Change], rows.Ids]:
    existing = await queries.list_products(conn, organization_id)
    ids = rows.ids_by_name(organization_id, "product", file.products, existing)
    products = rows.product_rows(organization_id, file, ids)
    await queries.save_products(conn, differing(products, existing))
    return compare("product", products, existing), ids


async def _apply_forms(
    conn: Connection, organization_id: UUID, file: OrganizationFile
) -> tuple[list[Change], rows.Ids]:
    existing = await queries.list_forms(conn, organization_id)
    latest = {version.form_id: version for version in await queries.list_latest_versions(conn, organization_id)}
    ids = rows.ids_by_name(organization_id, "form", file.forms, existing)
    forms = rows.form_rows(organization_id, file, ids)
    await queries.save_forms(conn, differing(forms, existing))
    changes = {change.name: change for change in compare("form", forms, existing)}
    for form in file.forms:
        form_id = ids[form.name]
        version = rows.next_version(organization_id, form_id, form, latest.get(form_id))
        if version is not None:
            await queries.insert_version(conn, *version)
            if changes[form.name].action == "unchanged":
                changes[form.name] = Change(action="update", what="form", name=form.name)
    return list(changes.values()), ids
