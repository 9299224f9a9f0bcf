"""/api/staff/cases/{id}/orders: drafted from the decision, tried, placed."""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter

from carelane.cases.errors import CaseNotFoundError
from carelane.orders.drafting import actions, reads
from carelane.orders.drafting.schemas import OrderDraftOut, PlacedOrderOut, StaffOrderIn, TriedOut
from carelane.services import Services
from carelane.web.idempotency import read_key
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Staff: orders")

CaseId = Annotated[str, PathParameter(description="UUID of the case")]


@routes.get("/cases/{case_id:str}/order-draft", "Draft an order from the decision", errors=(CaseNotFoundError,))
async def draft_order(request: ActorRequest, services: NamedDependency[Services], case_id: CaseId) -> OrderDraftOut:
    """What was approved and not ordered yet, whoever decided as the prescriber, which pharmacies and drugs there are, and the
    patient's last order of the same."""
    return await reads.draft_order(services, request.auth, case_id)


@routes.post("/cases/{case_id:str}/orders/try", "Try an order", errors=(CaseNotFoundError,))
async def try_staff_order(
    request: ActorRequest, services: NamedDependency[Services], case_id: CaseId, data: JSONBody[StaffOrderIn]
) -> TriedOut:
    """Everything that is wrong with it or should be looked at again. Nothing is written."""
    return await reads.try_staff_order(services, request.auth, case_id, data)


@routes.post("/cases/{case_id:str}/orders", "Place an order", errors=(CaseNotFoundError,), repeatable=True)
async def place_staff_order(
    request: ActorRequest, services: NamedDependency[Services], case_id: CaseId, data: JSONBody[StaffOrderIn]
) -> PlacedOrderOut:
    """As a storefront's `PLACE_ORDER`: written in one transaction, and sent by the worker when it is paid."""
    return await actions.place_staff_order(services, request.auth, case_id, data, await read_key(request))
