"""What the page of a case loads: the case with what is beside it, one's drafts, and what other parts of the page add."""

from collections.abc import Awaitable, Callable, Mapping

import msgspec

from carelane.case_detail.chart.reads import CasePage, get_page
from carelane.console.forms import Filled
from carelane.drafts.reads import list_drafts
from carelane.drafts.schemas import DraftOut
from carelane.kit.auth import Actor
from carelane.kit.phi import Phi
from carelane.permissions import CASES_READ, requires
from carelane.services import Services

# A part of the page: what its template needs, from the page.
Slot = Callable[[Services, Actor, CasePage], Awaitable[Mapping[str, object]]]
SLOTS: list[Slot] = []


class Loaded(Phi, msgspec.Struct, frozen=True, kw_only=True):
    page: CasePage
    drafts: list[DraftOut]
    added: dict[str, object]


@requires(CASES_READ)
async def load_case(services: Services, actor: Actor, ref: str, base: str, most: int) -> Loaded:
    """`base` is what the addresses of files begin with. Raises CaseNotFoundError."""
    page = await get_page(services, actor, ref, base, most)
    drafts = await list_drafts(services, actor, "cases", page.case.id)
    added: dict[str, object] = {}
    for slot in SLOTS:
        added |= await slot(services, actor, page)
    return Loaded(page=page, drafts=drafts.drafts, added=added)


def filled(drafts: list[DraftOut], form: Filled | None) -> Filled:
    """The page's forms: what was typed and sent a moment ago, and of the others what was typed before."""
    kept = {name: texts for draft in drafts for name, texts in draft.fields.items()}
    if form is None:
        return Filled(kept)
    return msgspec.structs.replace(form, fields=kept | form.fields)
