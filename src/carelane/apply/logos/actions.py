"""The logos of a file: compared with what is there by their digests, and handed to their own actions."""

import hashlib
from collections.abc import Mapping
from typing import get_args

from carelane.apply.errors import InvalidFileError
from carelane.apply.logos.schemas import LogosEntry
from carelane.apply.queries import Fields
from carelane.apply.states import Comparison
from carelane.apply.views import Change
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import FieldProblem, RuleBrokenError
from carelane.organizations.logos.actions import drop_logo, logo_of, save_logo
from carelane.organizations.logos.queries import lock_logos
from carelane.organizations.logos.schemas import LogoIn, Use
from carelane.permissions import CATALOG_WRITE, requires

LOGOS = "logos"


@requires(CATALOG_WRITE)
async def apply_logos(
    conn: Connection, actor: Actor, name: str, entry: LogosEntry | None, comparison: Comparison
) -> list[Change]:
    """`name` is the organization's. A picture that the file does not tell of stays. Raises InvalidFileError."""
    if entry is None:
        return []
    pictures = entry.pictures()
    says, there = digests_of(pictures), await lock_logos(conn, actor.organization_id)
    stands = dict.fromkeys(says) | {logo.used_on: logo.digest for logo in there if logo.used_on in says}
    is_new = any(says.values()) and not there and not comparison.find_applied(LOGOS, actor.organization_id)
    merged = comparison.merge(LOGOS, name, actor.organization_id, says, None if is_new else stands)
    comparison.remember(LOGOS, actor.organization_id, merged.fields)
    for use, content in pictures.items():
        if use not in merged.kept and says[use] != stands[use]:
            await _save(conn, actor, use, content)
    return [merged.change]


def digests_of(pictures: Mapping[Use, bytes | None]) -> Fields:
    """What is remembered and shown of pictures: their addresses end in it."""
    return {use: None if content is None else hashlib.sha256(content).hexdigest() for use, content in pictures.items()}


def standing_logos(pictures: Mapping[Use, bytes]) -> Fields:
    """Of every use, as it is remembered."""
    return dict.fromkeys(get_args(Use)) | digests_of(pictures)


async def _save(conn: Connection, actor: Actor, use: Use, content: bytes | None) -> None:
    if content is None:
        await drop_logo(conn, actor, use)
        return
    try:
        logo = await logo_of(use, LogoIn(file=content))
    except RuleBrokenError as error:
        problems = [FieldProblem(f"logos.{use}", problem.problem) for problem in error.problems]
        raise InvalidFileError(problems=problems) from None
    await save_logo(conn, actor, logo, content)
