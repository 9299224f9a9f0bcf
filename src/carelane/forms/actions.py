"""Writes on forms: versions with exactly the questions of a case, and the forms that bundles show."""

import hashlib
from collections.abc import Sequence
from uuid import UUID

import msgspec

from carelane import events
from carelane.forms import queries
from carelane.forms.catalog import queries as catalog
from carelane.forms.catalog.queries import CatalogForm
from carelane.forms.queries import Question, QuestionRow, Version, WantedVersion
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.ids import uuid7
from carelane.permissions import CATALOG_WRITE, requires


def want_version(
    product_id: UUID | None, name: str, description: str | None, questions: list[Question]
) -> WantedVersion:
    """The version that a form with these questions is; the same questions give the same digest."""
    return WantedVersion(
        product_id=product_id, name=name, description=description, questions=questions, digest=_digest(questions)
    )


async def ensure_versions(
    conn: Connection, organization_id: UUID, wanted: Sequence[WantedVersion], found: list[Version]
) -> list[Version]:
    """The wanted versions, in their order; those missing from `found` are made."""
    versions = {version.position: version for version in found}
    missing = [position for position in range(len(wanted)) if position not in versions]
    # Forms are locked in one order everywhere, so that two cases with the same new forms cannot deadlock.
    for position in sorted(missing, key=lambda position: (str(wanted[position].product_id), wanted[position].name)):
        versions[position] = await _make_version(conn, organization_id, wanted[position])
    return [versions[position] for position in range(len(wanted))]


async def _make_version(conn: Connection, organization_id: UUID, wanted: WantedVersion) -> Version:
    form_id = await queries.lock_form(conn, organization_id, uuid7(), wanted)
    # Whoever held the lock before may have made the same version.
    made_meanwhile = await queries.find_version(conn, organization_id, wanted)
    if made_meanwhile is not None:
        return made_meanwhile
    rows = _rows(wanted.questions)
    version = Version(id=uuid7(), question_ids=[row.id for row in rows])
    # Of no product: the form may be one that bundles show.
    is_dynamic = wanted.product_id is None
    await queries.insert_version(conn, organization_id, form_id, version.id, wanted.digest, rows, is_dynamic=is_dynamic)
    return version


def _digest(questions: list[Question]) -> bytes:
    return hashlib.sha256(msgspec.json.encode(questions)).digest()


def _rows(questions: list[Question]) -> list[QuestionRow]:
    return [
        QuestionRow(id=uuid7(), index=index, **msgspec.structs.asdict(question))
        for index, question in enumerate(questions)
    ]


@requires(CATALOG_WRITE)
async def save_catalog_forms(conn: Connection, actor: Actor, wanted: list[CatalogForm]) -> None:
    """Makes each form what is wanted, with an event for each that changes. Other questions make a new version."""
    organization_id = actor.organization_id
    there = await catalog.lock_catalog_forms(conn, organization_id, (form.id for form in wanted))
    changed = [form for form in wanted if there.get(form.id) != form]
    if not changed:
        return
    await catalog.save_catalog_forms(conn, organization_id, changed)
    asked_anew = [form for form in changed if form.id not in there or there[form.id].questions != form.questions]
    digests = await catalog.list_digests(conn, organization_id, (form.id for form in asked_anew))
    for form in asked_anew:
        digest = _unused(_digest(form.questions), digests.get(form.id, []))
        await queries.insert_version(conn, organization_id, form.id, uuid7(), digest, _rows(form.questions))
    changes = (
        events.new_event(actor, "CATALOG_CHANGED", None, target_id=form.id, value_after="form") for form in changed
    )
    await events.record(conn, *changes)


def _unused(digest: bytes, used: list[bytes]) -> bytes:
    """A form that goes back to earlier questions gets a new version all the same: the newest one is the one shown."""
    return digest if digest not in used else hashlib.sha256(digest + str(len(used) + 1).encode()).digest()
