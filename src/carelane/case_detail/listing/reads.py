"""A page of cases: found, opened, and the read of each recorded."""

from carelane import events
from carelane.case_detail.listing import queries
from carelane.case_detail.listing.schemas import CasesOut, CasesQuery, CursorOut, PageInfoOut
from carelane.case_detail.reads import give_documents
from carelane.case_detail.views import open_case
from carelane.kit.auth import Actor
from carelane.permissions import CASES_READ, requires
from carelane.services import Services


@requires(CASES_READ)
async def list_cases(services: Services, actor: Actor, query: CasesQuery, base_url: str) -> CasesOut:
    """The page that a storefront asks for. Raises InvalidRequestError, DocumentsTooLargeError."""
    wanted = query.wanted()
    data_key = await services.keyring.data_key(actor.organization_id)
    async with services.db.transaction(actor) as conn:
        page = await queries.list_cases(conn, actor.organization_id, wanted)
        await events.record_reads(conn, actor, "case", [case.id for case in page.cases], "list of cases")
    for case in page.cases:
        open_case(case, data_key)
    await give_documents(services, actor.organization_id, page.cases, wanted.document_format, base_url)
    ends = (page.cases[0].id, page.cases[-1].id) if page.cases else (None, None)
    info = PageInfoOut(cursor=CursorOut(*ends), has_next_page=page.has_more, has_previous_page=wanted.after is not None)
    return CasesOut(page_info=info, cases=list(page.cases))
