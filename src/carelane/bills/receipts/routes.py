"""/billing/payment/{payment_id}/receipt and what belongs to it."""

from typing import Annotated

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import PathParameter

from carelane.bills.receipts import reads
from carelane.bills.receipts.schemas import ItemWithQuantityOut, PaymentReceiptOut
from carelane.kit.errors import ConflictError, RecordNotFoundError
from carelane.services import Services
from carelane.web.routes import ActorRequest, Routes

_ERRORS = (RecordNotFoundError, ConflictError)

routes = Routes(tag="Payments")

PaymentId = Annotated[str, PathParameter(description="Id of the payment")]


@routes.get("/billing/payment/{payment_id:str}/receipt", "Get a receipt", errors=_ERRORS)
async def get_receipt(
    request: ActorRequest, services: NamedDependency[Services], payment_id: PaymentId
) -> PaymentReceiptOut:
    """Of a payment that was made; of another a 409. Patients read theirs through the signed link that `send-receipt` brings."""
    return await reads.get_receipt(services, request.auth, payment_id)


@routes.get("/billing/payment/{payment_id:str}/receipt/items", "List what a receipt is for", errors=_ERRORS)
async def list_receipt_items(
    request: ActorRequest, services: NamedDependency[Services], payment_id: PaymentId
) -> list[ItemWithQuantityOut]:
    """The lines of all charges that the payment was for."""
    return await reads.list_receipt_items(services, request.auth, payment_id)


@routes.get("/billing/payment/{payment_id:str}/items/authenticated", "List what a payment is for", errors=_ERRORS)
async def list_payment_items(
    request: ActorRequest, services: NamedDependency[Services], payment_id: PaymentId
) -> list[ItemWithQuantityOut]:
    """The same as `receipt/items`."""
    return await reads.list_receipt_items(services, request.auth, payment_id)


@routes.get(
    "/billing/payment/{payment_id:str}/receipt.pdf",
    "Get a receipt as a PDF",
    errors=_ERRORS,
    media_type="application/octet-stream",
)
async def get_receipt_file(
    request: ActorRequest, services: NamedDependency[Services], payment_id: PaymentId
) -> Response[bytes]:
    """The receipt as it is printed: who the clinic is, what was sold, taxes, discounts, how it was paid, what went back."""
    content = await reads.get_receipt_file(services, request.auth, payment_id)
    return Response(content, media_type="application/pdf", headers=FILE_HEADERS)


FILE_HEADERS = {"Content-Disposition": 'inline; filename="receipt.pdf"', "Cache-Control": "no-store"}
