"""The actions of a storefront on the wire (`POST /api/v1/cases/:caseId`), and products for a case."""

from collections.abc import Iterator
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from carelane.cases.schemas import Products, check_size, file_questions, read_with_documents
from carelane.forms.schemas import QuestionIn
from carelane.kit.phi import Phi
from carelane.patients.schemas import Name
from carelane.web.weight import Body
from carelane.web.wire import JsonBody, decode_light, light

MAX_TEXT_CHARACTERS = 20_000
MAX_ATTACHMENTS = 20

Text = Annotated[str, Meta(min_length=1, max_length=MAX_TEXT_CHARACTERS, pattern=r"\S")]


class AuthorIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    email: Annotated[str, Meta(min_length=1, max_length=320)]
    first_name: Name = ""
    last_name: Name = ""


class CommunicationFileIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`content` is base64, or a data URL."""

    file_name: Annotated[str, Meta(min_length=1, max_length=255)]
    content: Annotated[str, Meta(min_length=1)]
    is_restricted: bool = False
    is_phi: bool = msgspec.field(name="isPHI", default=True)


class CommunicationIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """A restricted one is a note: staff alone see it. Of one with `webhookNotify` false no webhook tells."""

    text: Text
    author: AuthorIn
    is_restricted: bool = False
    webhook_notify: bool = True
    attachments: Annotated[list[CommunicationFileIn], Meta(max_length=MAX_ATTACHMENTS)] | None = None


class AddCommunicationIn(Phi, msgspec.Struct, frozen=True, kw_only=True):
    action: Literal["ADD_COMMUNICATION"]
    communication: CommunicationIn


class ChangeStatusIn(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """`reason` is kept with CLOSE, as the archive note."""

    action: Literal["CHANGE_CASE_STATUS"]
    status: Literal["OPEN", "CLOSE", "REOPEN"]
    reason: Annotated[str, Meta(max_length=MAX_TEXT_CHARACTERS)] | None = None


class CaseProductChangeIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`productId` is the organization's product, or the case product."""

    product_id: UUID
    status: Literal["CLOSE"]
    reason: Annotated[str, Meta(max_length=MAX_TEXT_CHARACTERS)] | None = None


class UpdateCaseProductIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    action: Literal["UPDATE_CASE_PRODUCT"]
    case_product_input: CaseProductChangeIn


class CaseChangedOut(msgspec.Struct, frozen=True, kw_only=True):
    status: int = 200
    success: bool = True
    message: Literal["Case opened successfully", "Case closed successfully", "Case reopened successfully"]


class CommentOfOut(msgspec.Struct, rename="camel", frozen=True):
    comment_id: UUID


class CommunicationAddedOut(msgspec.Struct, frozen=True, kw_only=True):
    status: int = 200
    success: bool = True
    message: str = "Communication added successfully"
    data: CommentOfOut


class SuccessOut(msgspec.Struct, frozen=True, kw_only=True):
    success: bool


class CaseProductUpdatedOut(msgspec.Struct, frozen=True, kw_only=True):
    status: int = 200
    success: bool = True
    message: str = "Case product updated successfully"
    data: SuccessOut


class ProductsIn(Phi, msgspec.Struct, frozen=True, kw_only=True):
    products: Products


class ProductsBody(JsonBody):
    """Long documents are decoded while it is read."""

    def read(self, body: Body) -> ProductsIn:
        """Raises InvalidRequestError, and BodyTooLargeError when too much is left beside the documents."""
        return read_with_documents(body, _read_products, _file_questions)


def _read_products(body: Body) -> ProductsIn:
    sent = decode_light(light(body), ProductsIn)
    check_size(sent.products)
    return sent


def _file_questions(sent: ProductsIn) -> Iterator[QuestionIn]:
    return file_questions(sent.products)


class AddedProductOut(msgspec.Struct, rename="camel", frozen=True):
    id: UUID
    product_id: UUID


class AddedOut(msgspec.Struct, rename="camel", frozen=True):
    case_id: UUID
    case_products: list[AddedProductOut]


class ProductsAddedOut(msgspec.Struct, frozen=True, kw_only=True):
    status: int = 200
    success: bool = True
    message: str = "Products added successfully"
    data: AddedOut
