"""/user/patient/{patient_id}/credit: what a patient may pay with."""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter, QueryParameter

from carelane.kit.errors import ConflictError, RecordNotFoundError, RuleBrokenError
from carelane.payments.credits import actions, reads
from carelane.payments.credits.schemas import (
    MAX_PAGE_SIZE,
    PAGE_SIZE,
    AvailableOut,
    CreditFilter,
    CreditIn,
    CreditOut,
    CreditPageOut,
    CreditPatch,
    CreditsOut,
    CreditStanding,
    GoneOut,
    credit_problems,
    patch_problems,
)
from carelane.services import Services
from carelane.web.bodies import EitherCaseBody
from carelane.web.idempotency import read_key
from carelane.web.paging import AFTER, MAX_PAGE, PAGE_LIMIT, page_of, read_place
from carelane.web.periods import FIRST_DAY, LAST_DAY, TZ, read_span
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Credit", body=EitherCaseBody)
staff_routes = Routes(tag="Staff: billing")

PatientId = Annotated[str, PathParameter(description="Id of the patient")]
CreditId = Annotated[str, PathParameter(description="Id of the credit")]
_BROKEN = (RuleBrokenError, RecordNotFoundError, ConflictError)


@routes.get("/user/patient/{patient_id:str}/credit", "List a patient's credit", errors=(RecordNotFoundError,))
async def list_patient_credits(
    request: ActorRequest,
    services: NamedDependency[Services],
    patient_id: PatientId,
    page: Annotated[int, QueryParameter(ge=1, le=MAX_PAGE)] = 1,
    per_page: Annotated[int, QueryParameter(ge=1, le=MAX_PAGE_SIZE)] = PAGE_SIZE,
    include_expired: Annotated[bool, QueryParameter(description="Those whose date has passed, too")] = False,
    include_used: Annotated[bool, QueryParameter(description="Those of which nothing is left, too")] = True,
) -> CreditsOut:
    """Newest first; with that of records that were merged into the patient's."""
    return await reads.list_credits(
        services,
        request.auth,
        patient_id,
        page_of(page, per_page),
        include_expired=include_expired,
        include_used=include_used,
    )


@routes.get(
    "/user/patient/{patient_id:str}/credit/available",
    "Get the credit that a patient can spend",
    errors=(RecordNotFoundError,),
)
async def get_available_credit(
    request: ActorRequest, services: NamedDependency[Services], patient_id: PatientId
) -> AvailableOut:
    """What has not expired and is not used up, in the order in which it is spent: oldest first. What a card brought over its charge is
    left out: it is in the patient's `creditBalance`, and goes back to the card when the payment is refunded."""
    return await reads.get_available(services, request.auth, patient_id)


@routes.post(
    "/user/patient/{patient_id:str}/credit",
    "Grant a patient credit",
    errors=_BROKEN,
    rules=credit_problems,
    repeatable=True,
)
async def create_patient_credit(
    request: ActorRequest, services: NamedDependency[Services], patient_id: PatientId, data: JSONBody[CreditIn]
) -> CreditOut:
    """Nothing is paid for it: in the books it is a discount. With `amountRemaining` a part of it was used elsewhere before."""
    return await actions.create_credit(services, request.auth, patient_id, data, await read_key(request))


@routes.patch(
    "/user/patient/{patient_id:str}/credit/{credit_id:str}",
    "Change a credit",
    errors=_BROKEN,
    rules=patch_problems,
    repeatable=True,
)
async def update_patient_credit(
    request: ActorRequest,
    services: NamedDependency[Services],
    patient_id: PatientId,
    credit_id: CreditId,
    data: JSONBody[CreditPatch],
) -> CreditOut:
    """What is absent or null stays. What payments took of it stays spent: the amount cannot go below that. A date in the past ends
    it, a later one lets what expired be spent again."""
    return await actions.update_credit(services, request.auth, patient_id, credit_id, data, await read_key(request))


@routes.delete(
    "/user/patient/{patient_id:str}/credit/{credit_id:str}",
    "Delete a credit",
    errors=(RecordNotFoundError, ConflictError),
    repeatable=True,
)
async def delete_patient_credit(
    request: ActorRequest, services: NamedDependency[Services], patient_id: PatientId, credit_id: CreditId
) -> GoneOut:
    """Only one of which nothing was spent."""
    return await actions.delete_credit(services, request.auth, patient_id, credit_id, await read_key(request))


@staff_routes.get("/billing/credits", "List credit of all patients")
async def list_all_credits(
    request: ActorRequest,
    services: NamedDependency[Services],
    standing: Annotated[
        CreditStanding | None,
        QueryParameter(
            description="`LEFT`: can still be spent; `EXPIRED`: something was left; `USED`: nothing is left"
        ),
    ] = None,
    first: Annotated[str | None, FIRST_DAY] = None,
    last: Annotated[str | None, LAST_DAY] = None,
    tz: Annotated[str | None, TZ] = None,
    after: Annotated[str | None, AFTER] = None,
    limit: Annotated[int, PAGE_LIMIT] = 50,
) -> CreditPageOut:
    """Newest first. Amounts are cents. The read is on record."""
    span = read_span(first, last, tz)
    wanted = CreditFilter(
        standing=standing,
        created_from=span.begins_at,
        created_until=span.ends_at,
        after=read_place("after", after),
    )
    return await reads.list_all_credits(services, request.auth, wanted, limit)
