"""Writes on forms: making sure that a form has a version with exactly these questions."""

import hashlib
from collections.abc import Sequence
from uuid import UUID

import msgspec

from carelane.forms import queries
from carelane.forms.queries import Question, QuestionRow, Version, WantedVersion
from carelane.kit.db import Connection
from carelane.kit.ids import uuid7


def want_version(
    product_id: UUID | None, name: str, description: str | None, questions: list[Question]
) -> WantedVersion:
    """The version that a form with these questions is; the same questions give the same digest."""
    digest = hashlib.sha256(msgspec.json.encode(questions)).digest()
    return WantedVersion(product_id=product_id, name=name, description=description, questions=questions, digest=digest)


async def ensure_versions(
    conn: Connection, organization_id: UUID, wanted: Sequence[WantedVersion], found: list[Version]
) -> list[Version]:
    """The wanted versions, in their order; those missing from `found` are made."""
    versions = {version.position: version for version in found}
    missing = [position for position in range(len(wanted)) if position not in versions]
    # Forms are locked in one order everywhere, so two cases with the same new forms cannot deadlock.
    for position in sorted(missing, key=lambda position: (str(wanted[position].product_id), wanted[position].name)):
        versions[position] = await _make_version(conn, organization_id, wanted[position])
    return [versions[position] for position in range(len(wanted))]


async def _make_version(conn: Connection, organization_id: UUID, wanted: WantedVersion) -> Version:
    form_id = await queries.lock_form(conn, organization_id, uuid7(), wanted)
    # Whoever held the lock before may have made the same version.
    made_meanwhile = await queries.find_version(conn, organization_id, wanted)
    if made_meanwhile is not None:
        return made_meanwhile
    rows = [
        QuestionRow(id=uuid7(), index=index, **msgspec.structs.asdict(question))
        for index, question in enumerate(wanted.questions)
    ]
    version = Version(id=uuid7(), question_ids=[row.id for row in rows])
    await queries.insert_version(conn, organization_id, form_id, version.id, wanted.digest, rows)
    return version
