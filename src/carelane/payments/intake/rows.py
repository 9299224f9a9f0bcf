"""From a payment as it was sent, the organization's terms and the gateway's word to its rows. No I/O."""

from datetime import datetime
from uuid import UUID

import msgspec

from carelane.kit import clock
from carelane.kit.ids import uuid7
from carelane.kit.money import read_amount
from carelane.kit.phi import Phi
from carelane.payments.accounts.queries import Policy
from carelane.payments.gateways.protocol import Intent
from carelane.payments.intake.fees import NO_SPLIT, Split, is_split, split
from carelane.payments.intake.queries import MoneyParts, NewCustomer, NewPayment, NewSubFee, PaymentRows
from carelane.payments.intake.schemas import Checked, IntakeTerms
from carelane.payments.schemas import PaymentIn


class PaymentOf(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """Whose payment it is."""

    organization_id: UUID
    case_id: UUID
    patient_id: UUID
    is_test: bool


def payment_rows(
    sent: PaymentIn, of: PaymentOf, terms: IntakeTerms, checked: Checked | None, check_at: datetime
) -> PaymentRows:
    """A payment of the gateway's where the organization has one and the payment is not somebody else's token; else what the
    storefront said is kept as it was said. What is unchecked is asked about at `check_at`."""
    amount_cents = read_amount(sent.amount, sent.currency)
    account_id = checked.account_id if checked else _account_without_reference(sent, terms)
    payment_id = uuid7()
    is_shown = account_id is not None or is_split(terms.fees)
    parts = split(amount_cents, sent.currency, terms) if is_shown else NO_SPLIT
    payment = _payment(sent, of, payment_id, amount_cents, parts)
    if account_id is not None:
        payment = msgspec.structs.replace(payment, status="UNPAID", **_of_gateway(account_id, terms, checked, check_at))
    return PaymentRows(
        payment=payment, parts=_hanging(payment, of, parts, checked), intent=checked.intent if checked else None
    )


def _account_without_reference(sent: PaymentIn, terms: IntakeTerms) -> UUID | None:
    """A patient who has shown no card yet pays through the gateway too, and is asked for one when the case is approved."""
    return terms.account_id if terms.are_verified and sent.reference is None else None


def _payment(sent: PaymentIn, of: PaymentOf, payment_id: UUID, amount_cents: int, parts: Split) -> NewPayment:
    reference = sent.reference
    return NewPayment(
        organization_id=of.organization_id,
        id=payment_id,
        case_id=of.case_id,
        patient_id=of.patient_id,
        amount_cents=amount_cents,
        currency=sent.currency,
        description=sent.description,
        # A reference is a promise to pay; only the gateway, or the storefront's own word, says PAID.
        status=sent.status or "UNPAID",
        reference_type=reference.type if reference else None,
        reference_id=reference.id if reference else None,
        is_test=of.is_test,
        created_by_patient_id=of.patient_id,
        consult_fee_cents=parts.consult_cents,
        convenience_fee_cents=parts.of("convenience"),
        payment_processing_fee_cents=parts.of("payment_processing"),
        pharmacy_fee_cents=parts.of("pharmacy"),
        shipping_fee_cents=parts.of("shipping"),
        syringe_kit_fee_cents=parts.of("syringe_kit"),
        tech_platform_fee_cents=parts.of("tech_platform"),
    )


def _of_gateway(account_id: UUID, terms: IntakeTerms, checked: Checked | None, check_at: datetime) -> dict[str, object]:
    is_unchecked = checked is not None and checked.is_unchecked
    return {
        "method": "GATEWAY",
        "policy": terms.policy if is_unchecked else policy_of(checked.intent if checked else None, terms.policy),
        "stage": "UNCHECKED" if is_unchecked else "WAITING",
        "gateway_account_id": account_id,
        "customer_id": checked.customer_id if checked else None,
        "method_id": checked.method_id if checked else None,
        "next_step_at": _first_step_at(terms, checked, check_at),
    }


def _first_step_at(terms: IntakeTerms, checked: Checked | None, check_at: datetime) -> datetime | None:
    """A card whose amount is to be held goes to the worker at once."""
    if checked is None or checked.intent is not None:
        return None
    if checked.is_unchecked:
        return check_at
    return clock.now() if terms.policy == "hold" else None


def policy_of(intent: Intent | None, wanted: Policy) -> Policy:
    """Money that is held is captured or released, whatever the organization would rather have; of what was captured there is
    nothing to hold. A card alone follows the organization's own."""
    if intent is None:
        return wanted
    return "hold" if intent.status == "requires_capture" else "charge_on_approval"


def _hanging(payment: NewPayment, of: PaymentOf, parts: Split, checked: Checked | None) -> MoneyParts:
    sub_fees = [
        NewSubFee(of.organization_id, uuid7(), payment.id, position, fee.label, fee.amount_cents)
        for position, fee in enumerate(parts.others)
    ]
    if checked is None:
        return MoneyParts(sub_fees=sub_fees)
    return MoneyParts(sub_fees=sub_fees, customers=customers_of(of.organization_id, of.patient_id, checked))


def customers_of(organization_id: UUID, patient_id: UUID, checked: Checked) -> list[NewCustomer]:
    """The card that the patient pays with from now on: one that was set up for that, not one that paid once."""
    if checked.intent is not None or checked.customer_id is None or checked.method_id is None:
        return []
    return [NewCustomer(organization_id, checked.account_id, patient_id, checked.customer_id, checked.method_id)]
