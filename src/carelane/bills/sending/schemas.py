"""Sending a receipt, on the wire."""

from collections.abc import Iterator
from typing import Annotated

import msgspec
from msgspec import Meta

from carelane.kit.emails import MAX_ADDRESS_CHARACTERS, is_email
from carelane.kit.errors import FieldProblem
from carelane.kit.ids import RecordName
from carelane.kit.phi import Phi


class SendReceiptIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`SendReceipt`. By mail, to `email` or the patient's address; without `use_email` by text message to the patient's phone.
    `is_automatic` changes nothing."""

    payment_id: RecordName
    use_email: bool
    email: Annotated[str, Meta(max_length=MAX_ADDRESS_CHARACTERS)] | None = None
    is_automatic: bool = False


def receipt_problems(body: SendReceiptIn) -> Iterator[FieldProblem]:
    if body.email is not None and not body.use_email:
        yield FieldProblem("email", "expected to be absent where useEmail is false")
    elif body.email is not None and not is_email(body.email):
        yield FieldProblem("email", "expected an e-mail address")
