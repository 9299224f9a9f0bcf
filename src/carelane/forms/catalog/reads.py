"""Reads of the forms that bundles show, for administrators."""

from uuid import UUID

from carelane.forms.catalog import queries
from carelane.forms.catalog.schemas import AskedFormOut, ComparedVersionsOut, FormVersionsOut, ListedFormsOut
from carelane.forms.catalog.views import asked_of, compare, show_form
from carelane.kit.auth import Actor
from carelane.kit.errors import RecordNotFoundError
from carelane.kit.ids import parse_uuid
from carelane.permissions import CATALOG_READ, requires
from carelane.services import Services
from carelane.web.paging import Wanted

# Older ones are not listed.
MOST_VERSIONS = 200
NOBODY = UUID(int=0)


@requires(CATALOG_READ)
async def list_forms(services: Services, actor: Actor, wanted: Wanted) -> ListedFormsOut:
    """By name. Raises InvalidRequestError."""
    async with services.db.reading(actor.organization_id) as conn:
        rows, total = await queries.list_rows(conn, actor.organization_id, wanted)
    return ListedFormsOut(forms=rows, total=total)


@requires(CATALOG_READ)
async def get_form(services: Services, actor: Actor, ref: str) -> AskedFormOut:
    """With the questions of its newest version, and what is odd about them. Raises RecordNotFoundError."""
    form_id = parse_uuid(ref) or NOBODY
    async with services.db.reading(actor.organization_id) as conn:
        form = await queries.find_catalog_form(conn, actor.organization_id, form_id)
        versions = await queries.list_versions(conn, actor.organization_id, form_id, 1)
    if form is None:
        raise RecordNotFoundError("no such form here")
    return show_form(form, versions[0].number if versions else 0)


@requires(CATALOG_READ)
async def list_versions(services: Services, actor: Actor, ref: str) -> FormVersionsOut:
    """The newest MOST_VERSIONS. Raises RecordNotFoundError."""
    form_id = parse_uuid(ref) or NOBODY
    async with services.db.reading(actor.organization_id) as conn:
        versions = await queries.list_versions(conn, actor.organization_id, form_id, MOST_VERSIONS)
    if not versions:
        raise RecordNotFoundError("no such form here")
    return FormVersionsOut(versions=versions)


@requires(CATALOG_READ)
async def compare_versions(services: Services, actor: Actor, ref: str, before: int, now: int) -> ComparedVersionsOut:
    """Raises RecordNotFoundError for a form or a version that is not there."""
    form_id = parse_uuid(ref) or NOBODY
    async with services.db.reading(actor.organization_id) as conn:
        if await queries.find_catalog_form(conn, actor.organization_id, form_id) is None:
            raise RecordNotFoundError("no such form here")
        old = await queries.list_questions(conn, actor.organization_id, form_id, before)
        new = await queries.list_questions(conn, actor.organization_id, form_id, now)
    if not old or not new:
        raise RecordNotFoundError("no such version of this form")
    return compare((before, [asked_of(one) for one in old]), (now, [asked_of(one) for one in new]))
