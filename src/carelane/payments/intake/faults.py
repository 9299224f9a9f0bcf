"""Whether what a gateway shows of a reference can pay a payment. No I/O."""

from collections.abc import Iterator
from typing import Literal

import msgspec

from carelane.kit.money import decimal_string
from carelane.payments.gateways.protocol import Intent, Setup
from carelane.payments.intake.schemas import Question
from carelane.payments.states import Failure

# Whose it is to mend what is wrong: the patient's, with another card, or a person's here.
Mender = Literal["PATIENT", "STAFF"]


class Fault(msgspec.Struct, frozen=True):
    """What is wrong, as what would be accepted; and the word for it that a payment keeps."""

    expected: str
    mender: Mender
    failure: Failure = "REFERENCE_REFUSED"


def faults_of(found: Setup | Intent | None, asked: Question) -> list[Fault]:
    """Nothing: it can be accepted."""
    if found is None:
        return [Fault(_unknown(asked), "PATIENT")]
    if found.is_test is not asked.is_test:
        return [
            Fault(
                f"expected a {kind_of(asked)} made with {_money(asked)} money, as isTest says", "STAFF", "MODE_DIFFERS"
            )
        ]
    return list(_of_setup(found) if isinstance(found, Setup) else _of_intent(found, asked))


def kind_of(asked: Question) -> str:
    """As people call it."""
    return "setup intent" if asked.reference.type == "SETUP_INTENT" else "payment intent"


def _money(asked: Question) -> str:
    return "test" if asked.is_test else "live"


def _unknown(asked: Question) -> str:
    return (
        f"expected a {kind_of(asked)} that the organization's gateway knows among its {_money(asked)} objects; "
        "isTest says which are meant"
    )


def _of_setup(setup: Setup) -> Iterator[Fault]:
    if setup.status != "succeeded" or setup.method_id is None:
        yield Fault(f"expected a setup intent that succeeded, and this one is {setup.status}", "PATIENT")
    elif not setup.is_off_session:
        yield Fault(
            "expected a setup intent whose usage is off_session, so that its card can be charged later", "PATIENT"
        )


def _of_intent(intent: Intent, asked: Question) -> Iterator[Fault]:
    if intent.status not in {"requires_capture", "processing", "succeeded"}:
        yield Fault(
            "expected a payment intent that is requires_capture, processing or succeeded, and this one is "
            f"{intent.status}",
            "PATIENT",
        )
        return
    if intent.payment_id is not None:
        yield Fault(
            "expected a payment intent of the storefront's own, and this one was made for another payment",
            "STAFF",
            "REFERENCE_USED",
        )
    if (intent.amount_cents, intent.currency) != (asked.amount_cents, asked.currency):
        told = f"{decimal_string(asked.amount_cents, asked.currency)} {asked.currency}"
        yield Fault(f"expected a payment intent of {told}, as the payment says", "STAFF", _differs(intent, asked))
    elif intent.status == "succeeded" and intent.captured_cents != intent.amount_cents:
        yield Fault("expected a payment intent that was captured in full", "STAFF", "PARTLY_CAPTURED")
    elif intent.status == "requires_capture" and intent.capturable_cents != intent.amount_cents:
        yield Fault("expected a payment intent that can be captured in full", "STAFF", "AMOUNT_DIFFERS")
    if intent.refunded_cents or intent.is_disputed:
        yield Fault("expected a payment intent whose money was not given back or disputed", "STAFF", "MONEY_GONE")


def _differs(intent: Intent, asked: Question) -> Failure:
    return "AMOUNT_DIFFERS" if intent.currency == asked.currency else "CURRENCY_DIFFERS"
