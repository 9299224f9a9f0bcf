"""Why a payment stands where it stands, in words. No I/O; it asks the same `next_step` that the worker obeys."""

from datetime import datetime, timedelta

from carelane.payments.desk.schemas import PaymentMoverOut, PaymentWhyOut
from carelane.payments.desk.states import resolve_refusal, retry_refusal
from carelane.payments.settling.planning import Act, next_step
from carelane.payments.settling.queries import Standing
from carelane.payments.states import NOT_TRIED, Stage

_WAITS: dict[Stage, str] = {
    "UNVERIFIED": "nothing that we do: only a reference is kept, and whoever keeps it says how it goes",
    "UNCHECKED": "the gateway, which was out of reach when the case came",
    "WAITING": "the decision on the case",
    "DUE": "the gateway to take the money",
    "RELEASING": "the gateway to give everything back",
    "NEEDS_PATIENT": "the patient to confirm it with their bank",
    "NEEDS_CARD": "the patient to give another card",
    "NEEDS_STAFF": "a person to say how it ended",
    "DONE": "nothing: it has ended",
}
_NEXT: dict[Act, str] = {
    "CHECK": "we look the payment up at the gateway",
    "LOOK_UP": "we look up what became of the last try; only what surely did not arrive is sent again",
    "REFUND": "we send a refund",
    "HOLD": "we hold the amount on the card",
    "CAPTURE": "we capture what is held",
    "RELEASE": "we release what is held",
    "CHARGE": "we charge the card",
    "RETURN": "we refund all that is left",
    "FETCH": "we look at it at the gateway again",
    "JUDGE": "a person is asked",
}
_PATIENT = PaymentMoverOut(who="PATIENT", how="on the page whose link was sent")
_STOREFRONT = PaymentMoverOut(who="STOREFRONT", how="with a customer-payment-confirmation, if it was paid elsewhere")


def explain(standing: Standing, since: datetime, now: datetime, retry: timedelta) -> PaymentWhyOut:
    payment, step = standing.payment, next_step(standing, now, retry)
    happens = _NEXT[step.act] if step is not None else "nothing by itself"
    return PaymentWhyOut(
        payment_id=payment.id,
        status=payment.status,
        stage=payment.stage,
        waits_for=_waits_for(standing),
        since=since,
        failure=payment.failure,
        decline_code=payment.decline_code,
        next=happens,
        next_at=payment.next_step_at if step is not None else None,
        who_can_move_it=_movers(standing, happens if step is not None else None),
    )


def _waits_for(standing: Standing) -> str:
    payment = standing.payment
    if payment.method not in {"GATEWAY", "REFERENCE"}:
        return "whoever takes the money to confirm that it was paid" if payment.status == "UNPAID" else _WAITS["DONE"]
    if payment.stage == "WAITING" and payment.policy == "on_page":
        return "the patient to pay on the gateway's page"
    if payment.stage == "NEEDS_CARD" and payment.failure in NOT_TRIED:
        return "the patient to give a card; none was charged"
    return _WAITS[payment.stage]


def _movers(standing: Standing, happens: str | None) -> list[PaymentMoverOut]:
    stage = standing.payment.stage
    movers = [PaymentMoverOut(who="CARELANE", how=happens)] if happens else []
    if stage in {"NEEDS_PATIENT", "NEEDS_CARD"}:
        movers.append(_PATIENT)
    if retry_refusal(standing) is None:
        movers.append(PaymentMoverOut(who="STAFF", how="have it tried again"))
    ends = [one for one in ("LOOK_UP", "GIVE_UP", "PAID_ELSEWHERE") if resolve_refusal(standing, one) is None]
    if ends:
        movers.append(PaymentMoverOut(who="STAFF", how=f"say how it ended: {', '.join(ends)}"))
    if standing.payment.case_id is not None and stage not in {"DONE", "RELEASING"}:
        movers.append(_STOREFRONT)
    return movers
