"""A payment that was made elsewhere, on the wire (reference, section 1b)."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated

import msgspec
from msgspec import Meta

from carelane.kit.emails import is_email, mailbox_of
from carelane.kit.errors import FieldProblem
from carelane.kit.ids import parse_uuid
from carelane.kit.phi import Phi
from carelane.kit.phones import to_e164
from carelane.payments.schemas import PaymentStatus, is_number

Id = Annotated[str, Meta(max_length=255)]
MAX_KEY_CHARACTERS = 255


class ConfirmationIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`caseId`, or the `email` or `phoneNumber` of who submitted the case: then it is their latest one. `decisionId`: the approval
    that is paid for. `amount` is in the case's currency."""

    case_id: Id | None = None
    email: Annotated[str, Meta(max_length=320)] | None = None
    phone_number: Annotated[str, Meta(max_length=50)] | None = None
    decision_id: Id | None = None
    amount: Annotated[
        int | float | str, Meta(extra_json_schema={"format": "decimal", "examples": [50, 99.99, "99.99"]})
    ]
    description: Annotated[str, Meta(max_length=1000)] | None = None
    payment_date: date
    status: PaymentStatus
    valid_until: date | None = None
    idempotency_key: Annotated[str, Meta(max_length=MAX_KEY_CHARACTERS)] | None = None

    def __post_init__(self) -> None:
        if not is_number(self.amount):
            raise ValueError("amount is a number or a text such as 99.99")

    @property
    def mailbox(self) -> str | None:
        typed = (self.email or "").strip()
        return mailbox_of(typed) if is_email(typed) else None

    @property
    def phone(self) -> str | None:
        return to_e164((self.phone_number or "").strip())

    @property
    def key(self) -> str | None:
        return (self.idempotency_key or "").strip() or None


class ConfirmedOut(msgspec.Struct, frozen=True, kw_only=True):
    status: int = 200
    success: bool = True


def given(text: str | None) -> bool:
    """Blank is as good as absent."""
    return bool((text or "").strip())


def broken_rules(body: ConfirmationIn) -> Iterator[FieldProblem]:
    """What is wrong with it whatever the case is."""
    if not (given(body.case_id) or given(body.email) or given(body.phone_number)):
        yield FieldProblem("caseId", "expected caseId, or email or phoneNumber of who submitted the case")
    if given(body.email) and body.mailbox is None:
        yield FieldProblem("email", "expected an e-mail address such as name@example.com")
    if given(body.phone_number) and body.phone is None:
        yield FieldProblem("phoneNumber", "expected E.164, such as +12125550123")
    if given(body.decision_id) and parse_uuid(body.decision_id or "") is None:
        yield FieldProblem("decisionId", "expected the id of an approval of the case")
    if body.valid_until is not None and body.valid_until < body.payment_date:
        yield FieldProblem("validUntil", "expected a date that is not before paymentDate")
