"""/billing/payment-link… and /billing/embed-payment. A key opens them; patients have the signed link."""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter, QueryParameter

from carelane.bills.links import actions, reads
from carelane.bills.links.actions import Embedding
from carelane.bills.links.schemas import (
    EmbedPaymentConfigOut,
    LinkAsked,
    PaymentLinkDetailsOut,
    PublicInvoiceOut,
    PublicInvoiceSummaryOut,
    VerifyPatientIn,
    verify_problems,
)
from carelane.bills.owed.access import MAX_URL_CHARACTERS
from carelane.kit.errors import ConflictError, FieldProblem, InvalidRequestError, RecordNotFoundError, RuleBrokenError
from carelane.kit.money import MAX_CENTS
from carelane.services import Services
from carelane.web.bodies import EitherCaseBody
from carelane.web.idempotency import read_key
from carelane.web.paging import word
from carelane.web.routes import ActorRequest, Routes, base_url

routes = Routes(tag="Payment links", body=EitherCaseBody)

PatientId = Annotated[str, PathParameter(description="Id of the patient")]
ReturnUrl = Annotated[
    str | None,
    QueryParameter(
        max_length=MAX_URL_CHARACTERS,
        description="Where the page leads once it is paid: an address at one of the organization's storefront origins. Ours",
    ),
]
_NOT_OFFERED = "expected false: it is not offered here"


@routes.get("/billing/payment-link/{patient_id:str}", "List what a patient owes, with the link to pay it",
            errors=(RecordNotFoundError, InvalidRequestError))  # fmt: skip
async def list_payment_links(
    request: ActorRequest,
    services: NamedDependency[Services],
    patient_id: PatientId,
    text_receipt: Annotated[
        bool, QueryParameter(description="Only false; POST /billing/payment/send-receipt sends one")
    ] = False,
    save_payment_method: Annotated[bool, QueryParameter(description="Only false")] = False,
    is_surcharged: Annotated[bool | None, QueryParameter(description="Only false: no fee is taken")] = None,
    return_url: ReturnUrl = None,
) -> list[PublicInvoiceOut]:
    """One for each charge of which something is outstanding, oldest first, at most a hundred. The link is the patient's own, and good for a year: it shows
    nothing before its reader has proved to be the patient. After too many wrong tries it is closed: `send-receipt`, an invoice and
    `embed-payment` open it again."""
    asked = {"text_receipt": text_receipt, "save_payment_method": save_payment_method, "is_surcharged": is_surcharged}
    wrong = [FieldProblem(name, _NOT_OFFERED, "query") for name, value in asked.items() if value]
    if wrong:
        raise InvalidRequestError(problems=wrong)
    return await reads.list_payment_links(services, request.auth, patient_id, _asked(request, services, return_url))


@routes.get("/billing/payment-links", "List what is owed under a phone number", errors=(InvalidRequestError,))
async def list_payment_links_of_phone(
    request: ActorRequest,
    services: NamedDependency[Services],
    phone_number: Annotated[str, word("The patient's whole phone number")],
    return_url: ReturnUrl = None,
) -> list[PublicInvoiceSummaryOut]:
    """What each patient with this number owes, with the patient's link, good for a year. Nobody: an empty list."""
    return await reads.list_links_of_phone(services, request.auth, phone_number, _asked(request, services, return_url))


@routes.post("/billing/payment-link/verify-patient", "Show what is owed to a patient who says who they are",
             errors=(RecordNotFoundError, RuleBrokenError), rules=verify_problems, repeatable=True)  # fmt: skip
async def verify_payment_link_patient(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[VerifyPatientIn]
) -> PaymentLinkDetailsOut:
    """Last name, date of birth and phone number must be those on file. Each try counts: after five wrong ones nothing is right for 15
    minutes, then longer, as on the patient's own page. An unknown patient, a wrong answer and a locked patient are one 404."""
    return await actions.verify_patient(
        services, request.auth, data, _asked(request, services, None), await read_key(request)
    )


@routes.post("/billing/embed-payment/{patient_id:str}", "Promise a payment to embed",
             errors=(RecordNotFoundError, InvalidRequestError, RuleBrokenError, ConflictError), repeatable=True)  # fmt: skip
async def create_embed_payment(
    request: ActorRequest,
    services: NamedDependency[Services],
    patient_id: PatientId,
    amount_cents: Annotated[
        int | None, QueryParameter(ge=1, le=MAX_CENTS, description="All that is outstanding of one charge; or name it")
    ] = None,
    charge_id: Annotated[str | None, word("The charge to pay")] = None,
    is_surcharged: Annotated[bool, QueryParameter(description="Changes nothing: no fee is taken")] = True,  # noqa: ARG001
    return_url: ReturnUrl = None,
) -> EmbedPaymentConfigOut:
    """The payment of one charge, to be made on the page behind `paymentLink`. Asked again, it is the same payment. Where the patient's
    pages were closed after too many wrong tries, `paymentLink` is a new link, and opens them."""
    asked = Embedding(
        patient_ref=patient_id,
        charge_ref=charge_id,
        amount_cents=amount_cents,
        link=_asked(request, services, return_url),
    )
    return await actions.embed_payment(services, request.auth, asked, await read_key(request))


def _asked(request: ActorRequest, services: Services, return_url: str | None) -> LinkAsked:
    return LinkAsked(base=base_url(request, services), return_url=return_url)
