"""/api/staff/audit"""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import QueryParameter
from litestar.response import Stream

from carelane.audit import reads
from carelane.audit.schemas import (
    MAX_PAGE_SIZE,
    PAGE_SIZE,
    ActorOut,
    AuditOut,
    AuditQuery,
)
from carelane.services import Services
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Staff: audit")

_RECORD = (
    "Of one record: the UUID or the storefront's id of a patient, the UUID or short id of a case, or the UUID of whatever it was "
    "done to. Of a patient all that is the patient's: cases, orders, money, appointments, documents"
)
Who = Annotated[
    str | None, QueryParameter(name="actor", description="UUID of who did it, or `system` for what we did by ourselves")
]
Record = Annotated[str | None, QueryParameter(name="record", description=_RECORD)]
Act = Annotated[
    str | None, QueryParameter(name="act", description="Name of [an event](events.md), or READ for reads of records")
]
From = Annotated[str | None, QueryParameter(name="from", description="First day, such as 2026-11-01")]
To = Annotated[str | None, QueryParameter(name="to", description="Last day")]
Zone = Annotated[str | None, QueryParameter(name="timezone", description="Of the days; without it UTC")]

CSV_HEADERS = {"Content-Disposition": 'attachment; filename="audit.csv"', "Cache-Control": "no-store"}


@routes.get("/audit", "Search the audit")
async def search_audit(
    request: ActorRequest,
    services: NamedDependency[Services],
    actor: Who = None,
    record: Record = None,
    act: Act = None,
    first: From = None,
    last: To = None,
    timezone: Zone = None,
    after: Annotated[str | None, QueryParameter(description="`next` of the page before")] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=MAX_PAGE_SIZE, description="How many at most")] = PAGE_SIZE,
) -> AuditOut:
    """Acts and recorded reads of health information, the newest first. That this was looked at is recorded."""
    query = AuditQuery(
        actor=actor, record=record, act=act, first=first, last=last, timezone=timezone, after=after, limit=limit
    )
    return await reads.search_audit(services, request.auth, query)


@routes.get("/audit/export.csv", "Export the audit as CSV", media_type="text/csv")
async def export_audit(
    request: ActorRequest,
    services: NamedDependency[Services],
    actor: Who = None,
    record: Record = None,
    act: Act = None,
    first: From = None,
    last: To = None,
    timezone: Zone = None,
) -> Stream:
    """The same entries, at most 366 days of them; without days the last 31. The first line names the members. That it was exported
    is recorded."""
    query = AuditQuery(actor=actor, record=record, act=act, first=first, last=last, timezone=timezone)
    lines = await reads.export_audit(services, request.auth, query)
    return Stream(lines, media_type="text/csv", headers=CSV_HEADERS)


@routes.get("/audit/actors", "List who can be searched for in the audit")
async def list_audit_actors(request: ActorRequest, services: NamedDependency[Services]) -> list[ActorOut]:
    """Members of staff, keys and clients, those that are gone too."""
    return await reads.list_actors(services, request.auth)
