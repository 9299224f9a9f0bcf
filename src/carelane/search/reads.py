"""Finding records. Each patient and case that is shown is on record, orders tell of nobody."""

from collections.abc import Iterable
from uuid import UUID

import msgspec

from carelane import events
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.phi import Phi
from carelane.permissions import CASES_READ, ORDERS_READ, requires
from carelane.search import queries
from carelane.search.queries import Hit
from carelane.search.rows import Wanted, read_query
from carelane.search.schemas import KINDS, ExactOut, Kind, SearchOut, SearchQuery
from carelane.services import Services

# Who may find what. Whoever may see cases may see whom they are about.
_NEEDS: dict[Kind, str] = {"patient": CASES_READ, "case": CASES_READ, "order": ORDERS_READ}
_MOST_RECENT = 12


class _Found(Phi, msgspec.Struct):
    """Ids by their kinds, the best first; `exact` are those whose id was typed."""

    ids: dict[Kind, list[UUID]]
    exact: list[tuple[Kind, UUID]]


@requires(ORDERS_READ)
async def search(services: Services, actor: Actor, query: SearchQuery) -> SearchOut:
    """What is asked for, as far as the member may see it; with nothing asked for, what the member looked at last."""
    kinds: frozenset[Kind] = frozenset(kind for kind in query.kinds or KINDS if actor.may(_NEEDS[kind]))
    text = query.text.strip()
    async with services.db.transaction(actor) as conn:
        if not text:
            found = await _recent(conn, actor, kinds, min(query.limit, _MOST_RECENT))
        else:
            found = await _find(conn, actor, read_query(text, kinds), kinds, query.limit + 1)
        return await _show(conn, actor, found, query.limit, is_recent=not text)


async def _recent(conn: Connection, actor: Actor, kinds: frozenset[Kind], most: int) -> _Found:
    if "case" not in kinds and "patient" not in kinds:
        return _Found(_by_kind(("order", one) for one in await _newest_orders(conn, actor, kinds, most)), [])
    seen = await queries.list_recent(conn, actor.organization_id, actor.id, most)
    return _Found(_by_kind((kind, one) for kind, one in seen if kind in kinds), [])


async def _newest_orders(conn: Connection, actor: Actor, kinds: frozenset[Kind], most: int) -> list[UUID]:
    return await queries.list_newest_orders(conn, actor.organization_id, most) if "order" in kinds else []


async def _find(conn: Connection, actor: Actor, wanted: Wanted, kinds: frozenset[Kind], most: int) -> _Found:
    organization_id = actor.organization_id
    if wanted.record_id is not None:
        named = [one for one in await queries.list_by_id(conn, organization_id, wanted.record_id) if one[0] in kinds]
        return _Found(_by_kind(named), list(dict.fromkeys(named)))
    hits = await queries.list_hits(conn, organization_id, wanted, most) if wanted.beginnings else []
    together: list[UUID] = []
    if wanted.words and len({hit.record_id for hit in hits if hit.kind == "patient"}) < most:
        together = await queries.list_together(conn, organization_id, wanted.words, most)
    exact: list[tuple[Kind, UUID]] = [(hit.kind, hit.record_id) for hit in hits if hit.is_whole and hit.is_code]
    ranked: list[tuple[Kind, UUID]] = [(hit.kind, hit.record_id) for hit in sorted(hits, key=_rank)]
    return _Found(_by_kind([*ranked, *(("patient", one) for one in together)]), list(dict.fromkeys(exact)))


def _rank(hit: Hit) -> int:
    """Ids first that were typed in full, ids last that were only begun: many things begin like one."""
    if hit.is_code:
        return 0 if hit.is_whole else 2
    return 1


def _by_kind(found: Iterable[tuple[Kind, UUID]]) -> dict[Kind, list[UUID]]:
    ids: dict[Kind, list[UUID]] = {kind: [] for kind in KINDS}
    for kind, one in dict.fromkeys(found):
        ids[kind].append(one)
    return ids


async def _show(conn: Connection, actor: Actor, found: _Found, limit: int, *, is_recent: bool) -> SearchOut:
    organization_id = actor.organization_id
    shown = {kind: ids[:limit] for kind, ids in found.ids.items()}
    patients = await queries.list_patients(conn, organization_id, shown["patient"]) if shown["patient"] else []
    cases = await queries.list_cases(conn, organization_id, shown["case"]) if shown["case"] else []
    orders = await queries.list_orders(conn, organization_id, shown["order"]) if shown["order"] else []
    # Two records of one person are one line.
    patients = list({patient.id: patient for patient in patients}.values())
    reason = "what was looked at last" if is_recent else "search"
    # What was looked at last is on record already, and would be looked at last for good.
    if not is_recent:
        await events.record_reads(conn, actor, "patient", [one.id for one in patients], reason)
        await events.record_reads(conn, actor, "case", [one.id for one in cases], reason)
    return SearchOut(
        exact=_exact(found, {case.id: case.short_id for case in cases}),
        patients=patients,
        cases=cases,
        orders=orders,
        has_more=any(len(ids) > limit for ids in found.ids.values()),
        is_recent=is_recent,
    )


def _exact(found: _Found, short_ids: dict[UUID, str]) -> ExactOut | None:
    """None where several records have the id, each of its kind."""
    if len(found.exact) != 1:
        return None
    kind, record_id = found.exact[0]
    return ExactOut(kind=kind, id=record_id, name=short_ids.get(record_id, str(record_id)))
