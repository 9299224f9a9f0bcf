"""One act on many cases, all in one transaction."""

from uuid import UUID

from carelane.cases.review import actions, queries
from carelane.cases.review.access import acts_on, described
from carelane.cases.review.bulk.schemas import BulkCaseOut, BulkIn, BulkOut, broken_rules
from carelane.cases.review.queries import CaseSummary
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import refuse
from carelane.kit.phi import DataKey
from carelane.permissions import CASES_WORK, requires
from carelane.services import Services
from carelane.web.idempotency import RequestKey, run_once


@requires(CASES_WORK)
async def act_on_cases(services: Services, actor: Actor, body: BulkIn, request_key: RequestKey | None) -> BulkOut:
    """Does it to all that it can be done to, or with `dryRun` only says to which. Raises RuleBrokenError."""
    refuse(broken_rules(body))
    key = await services.keyring.data_key(actor.organization_id)

    async def act(conn: Connection) -> BulkOut:
        staff_id = body.staff_id or actor.id
        if body.act == "assign" and staff_id is not None:
            await actions.check_clinician(conn, actor.organization_id, staff_id)
        shown = {case_id: await _one(conn, actor, key, case_id, body) for case_id in sorted(body.case_ids)}
        in_order = [shown[case_id] for case_id in body.case_ids]
        return BulkOut(
            dry_run=body.dry_run,
            can=[one for one in in_order if one.reason is None],
            cannot=[one for one in in_order if one.reason is not None],
        )

    return await run_once(services, actor, request_key, act)


async def _one(conn: Connection, actor: Actor, key: DataKey, case_id: UUID, body: BulkIn) -> BulkCaseOut:
    find = queries.find_summary if body.dry_run else queries.lock_case
    case = await find(conn, actor.organization_id, case_id)
    if case is None:
        return BulkCaseOut(case_id=case_id, short_id=None, reason="there is no such case")
    reason = _why_not(actor, case, body)
    if reason is None and not body.dry_run:
        await _act(conn, actor, key, case, body)
    return BulkCaseOut(case_id=case_id, short_id=case.short_id, reason=reason)


def _why_not(actor: Actor, case: CaseSummary, body: BulkIn) -> str | None:
    if body.act not in acts_on(case):
        return described(case)
    if body.act == "assign" and case.assigned_to is not None:
        is_same = case.assigned_to.id == (body.staff_id or actor.id)
        return f"it is assigned to {case.assigned_to.name}" + (" already" if is_same else "")
    return None


async def _act(conn: Connection, actor: Actor, key: DataKey, case: CaseSummary, body: BulkIn) -> None:
    if body.act == "assign":
        staff_id = body.staff_id or actor.id
        assert staff_id is not None
        await actions.assign(conn, actor, case, staff_id)
    elif body.act == "unassign":
        await actions.unassign(conn, actor, case)
    elif body.act == "ask":
        assert body.text is not None
        await actions.ask(conn, actor, case, key, body.text)
    else:
        await actions.set_escalated(conn, actor, case, is_escalated=body.act == "escalate")
