"""Every event name with one line of meaning, and the one way to record an event.

The names are the care dialect's (its webhooks and the `activity` of a case). An event row is written in the transaction of
the act it tells of; it feeds the case's activity, the audit trail and, through the worker's dispatcher, every job.
"""

from collections.abc import Sequence
from typing import Literal, LiteralString
from uuid import UUID

import msgspec

from carelane.kit.auth import Actor
from carelane.kit.db import Connection, to_json
from carelane.kit.ids import uuid7

EventType = Literal[
    "CREATE_CASE",
    "ADD_CASE_ASSIGNEE",
    "REMOVE_CASE_ASSIGNEE",
    "CHANGE_CASE_STATUS",
    "ADD_CASE_COMMENT",
    "ADD_CASE_DECISION",
    "ADD_CASE_ATTACHMENT",
    "ADD_FORM_RESPONSE",
    "CASE_PRODUCT_ADDED",
    "CASE_PRODUCT_CLOSED",
    "DELETE_ATTACHMENT",
    "ARCHIVE_CASE",
    "REOPEN_CASE",
    "ESCALATE_CASE",
    "DEESCALATE_CASE",
    "CALENDAR_EVENT_CREATED",
    "CALENDAR_EVENT_RESCHEDULED",
    "CALENDAR_EVENT_CANCELED",
    "CALENDAR_EVENT_NO_SHOW",
    "CALENDAR_EVENT_NO_SHOW_REMOVED",
    "ORDER_CREATED",
    "ORDER_STATUS_CHANGED",
    "ORDER_CANCEL_REQUESTED",
    "ORDER_TRACKING_ADDED",
    "PATIENT_CREATED",
    "PATIENT_UPDATED",
    "PATIENT_ARCHIVED",
    "PATIENT_CONFLICT",
    "PATIENT_MERGED",
    "PATIENT_UNMERGED",
    "PATIENT_SIGNED_IN",
    "PATIENT_SIGNED_OUT",
    "CATALOG_CHANGED",
    "CART_CREATED",
    "CART_UPDATED",
    "CART_STATUS_CHANGED",
    "CART_ARCHIVED",
    "QUOTE_CREATED",
    "QUOTE_UPDATED",
    "QUOTE_SCHEDULED",
    "QUOTE_STATUS_CHANGED",
    "QUOTE_NOT_DELIVERED",
    "QUOTE_PAGE_LOCKED",
    "CHARGE_CREATED",
    "PAYMENT_ADDED",
    "PAYMENT_UPDATED",
    "PAYMENT_COMPLETED",
    "PAYMENT_FAILED",
    "PAYMENT_INFO_LINK_SENT",
    "ADD_PAYMENT_INFO_USING_LINK",
    "PAYMENT_INFO_UPDATED",
    "REFUND_GRANTED",
    "REFUND_SENT",
    "REFUND_CANCELED",
    "REFUND_CREATED",
    "REFUND_COMPLETED",
    "REFUND_FAILED",
    "DISPUTE_OPENED",
    "DISPUTE_CLOSED",
    "CHARGE_STATUS_CHANGED",
    "GATEWAY_ACCOUNT_CHANGED",
    "MESSAGE_RETRIED",
    "ORGANIZATION_CHANGED",
    "CREDENTIAL_CHANGED",
    "CREDENTIAL_REVOKED",
    "STAFF_CHANGED",
    "PHARMACY_CHANGED",
    "DRUG_CHANGED",
    "WEBHOOK_TEST",
    "WEBHOOK_DISABLED",
    "WEBHOOK_DELIVERY_FAILED",
    "WEBHOOK_ENDPOINT_CHANGED",
    "WEBHOOK_REPLAYED",
]

MEANINGS: dict[EventType, str] = {
    "CREATE_CASE": "a storefront sent a case",
    "ADD_CASE_ASSIGNEE": "a member of staff was given the case; the target is that member",
    "REMOVE_CASE_ASSIGNEE": "the case was taken from a member of staff; the target is that member",
    "CHANGE_CASE_STATUS": "the case moved; the values are its status before and after",
    "ADD_CASE_COMMENT": "somebody wrote a comment or a note; the target is the comment",
    "ADD_CASE_DECISION": "a clinician decided on a product of the case; the target is the decision",
    "ADD_CASE_ATTACHMENT": "a document was added; the target is the attachment",
    "ADD_FORM_RESPONSE": "a form and its answers were added to a case; the target is the response",
    "CASE_PRODUCT_ADDED": "a product was added to a case; the target is the case product",
    "CASE_PRODUCT_CLOSED": "a product of a case was closed; the target is the case product",
    "DELETE_ATTACHMENT": "a patient deleted a document that they had uploaded; the target is the attachment",
    "ARCHIVE_CASE": "the case was closed; the value after is the reason",
    "REOPEN_CASE": "a closed case was opened again",
    "ESCALATE_CASE": "the case was marked as one that needs a second look",
    "DEESCALATE_CASE": "that mark was taken away",
    "CALENDAR_EVENT_CREATED": "an appointment was booked; the target is the appointment, the value after is when it begins",
    "CALENDAR_EVENT_RESCHEDULED": "an appointment was moved; the target is the appointment, the values are when it began before "
    "and begins now",
    "CALENDAR_EVENT_CANCELED": "an appointment was canceled; the target is the appointment, the value before is when it began",
    "CALENDAR_EVENT_NO_SHOW": "somebody missed an appointment; the target is the appointment, the value after says who",
    "CALENDAR_EVENT_NO_SHOW_REMOVED": "nobody missed it after all; the target is the appointment",
    "ORDER_CREATED": "a prescription order was placed; the target is the order",
    "ORDER_STATUS_CHANGED": "an order moved; the target is the order, the values are its status before and after",
    "ORDER_CANCEL_REQUESTED": "somebody wants an order back that the pharmacy may have; the target is the order",
    "ORDER_TRACKING_ADDED": "a parcel of an order has a tracking number; the target is the order",
    "PATIENT_CREATED": "a caller made a patient, not by a case; the target is the patient",
    "PATIENT_UPDATED": "a patient's details or tags changed, or a file of no case, as the value after then says; the target is the "
    "patient",
    "PATIENT_ARCHIVED": "a patient was archived; the target is the patient",
    "PATIENT_CONFLICT": "a caller named a patient by id and e-mail address with another name or birth date, which were not taken; "
    "the target is the patient",
    "PATIENT_MERGED": "staff found two records to be one person; the target is the one that stays, the value after the other one",
    "PATIENT_UNMERGED": "that was undone; the target is the one that had stayed, the value before the other one",
    "PATIENT_SIGNED_IN": "a patient signed in to the portal with a one-time code; the target is the patient",
    "PATIENT_SIGNED_OUT": "a patient LOGGED_OUT, or was signed out for REFRESH_TOKEN_REUSED, as the value after says; the target is "
    "the patient",
    "CATALOG_CHANGED": "an item, package, form, tax, location or tag changed; the target is that record, the value after its kind, "
    "the value before of an item whether it was CREATED, UPDATED or ARCHIVED",
    "CART_CREATED": "a cart was made; the target is the cart",
    "CART_UPDATED": "a cart or its lines changed; the target is the cart, the values are its total in cents before and after",
    "CART_STATUS_CHANGED": "a cart moved; the target is the cart, the values are its status before and after",
    "CART_ARCHIVED": "a cart was archived; the target is the cart",
    "QUOTE_CREATED": "a quote was made of a cart; the target is the quote",
    "QUOTE_UPDATED": "a quote or its lines changed; the target is the quote, the values are its total in cents before and after",
    "QUOTE_SCHEDULED": "a quote will be sent later; the target is the quote, the value after is when",
    "QUOTE_STATUS_CHANGED": "a quote moved; the target is the quote, the values are its status before and after",
    "QUOTE_NOT_DELIVERED": "a message with a quote was given up; the target is the quote, the value after says why",
    "QUOTE_PAGE_LOCKED": "somebody guessed wrong too often who the patient is; the target is the quote, the value after is until "
    "when its page is locked, or CLOSED: then the quote must be sent again, which makes a new link",
    "CHARGE_CREATED": "something is owed: a cart, a quote or a case's payment became a charge; the target is the charge, the value "
    "after its total in cents",
    "PAYMENT_ADDED": "a payment was added to a case or a charge; the target is the payment",
    "PAYMENT_UPDATED": "a payment moved; the target is the payment, the values are its stage before and after, of one that was "
    "made elsewhere its status",
    "PAYMENT_COMPLETED": "a payment was made in full; the target is the payment",
    "PAYMENT_FAILED": "a card was declined or a payment cannot go on; the target is the payment, the value after says what stopped it in "
    "our words, such as DECLINED, NO_CARD or OUTCOME_UNKNOWN, never the gateway's code",
    "PAYMENT_INFO_LINK_SENT": "a patient was sent the page to confirm a payment or enter another card; the target is the payment",
    "ADD_PAYMENT_INFO_USING_LINK": "a patient entered a card on that page; the target is the payment",
    "PAYMENT_INFO_UPDATED": "a storefront said how a patient pays from now on; the target is the patient",
    "REFUND_GRANTED": "staff granted a refund; the target is the refund, the value after its amount in cents",
    "REFUND_SENT": "staff had a granted refund sent; the target is the refund",
    "REFUND_CANCELED": "staff took back a refund that was not sent; the target is the refund",
    "REFUND_CREATED": "a refund was sent to the gateway; the target is the refund",
    "REFUND_COMPLETED": "the money of a refund went back; the target is the refund, the value after its amount in cents",
    "REFUND_FAILED": "a refund did not go through; the target is the refund, the value after says why",
    "DISPUTE_OPENED": "a patient's bank took money back; the target is the payment, the value after the amount in cents",
    "DISPUTE_CLOSED": "a dispute ended; the target is the payment, the value after says WON or LOST",
    "CHARGE_STATUS_CHANGED": "a charge moved; the target is the charge, the values are its status before and after",
    "GATEWAY_ACCOUNT_CHANGED": "a gateway's keys were CREATED or CHANGED, as the value after says; the target is the account",
    "MESSAGE_RETRIED": "staff had a mail or text message sent again that was given up; the target is the message",
    "ORGANIZATION_CHANGED": "the organization was CREATED, or its settings CHANGED, as the value after says; it is the target",
    "CREDENTIAL_CHANGED": "a key or client was CREATED or CHANGED, as the value after says; the target is the credential",
    "CREDENTIAL_REVOKED": "a key or client was revoked; the target is the credential",
    "STAFF_CHANGED": "a member of staff was CREATED or CHANGED, or has another password or second factor (SECRETS_CHANGED), "
    "as the value after says; the target is the member",
    "PHARMACY_CHANGED": "a pharmacy was CREATED or CHANGED, as the value after says; the target is the pharmacy",
    "DRUG_CHANGED": "a drug was CREATED or CHANGED, as the value after says; the target is the drug",
    "WEBHOOK_TEST": "staff tried a webhook endpoint; the target is the endpoint",
    "WEBHOOK_DISABLED": "an endpoint was switched off: its receiver is GONE, or FAILING for five days; the target is the endpoint",
    "WEBHOOK_DELIVERY_FAILED": "deliveries to a storefront's listener were given up, and its address is told, at most once a day; the "
    "target is the endpoint",
    "WEBHOOK_ENDPOINT_CHANGED": "a webhook endpoint was made or changed; the target is the endpoint, the value after says how",
    "WEBHOOK_REPLAYED": "staff or a storefront had deliveries repeated; the target is the endpoint, the value after is how many",
}

# What only the organization's own administration cares about. The feed leaves these out, and of the webhook endpoints only
# those hear of them that ask for them by name (the database's make_deliveries has the same list).
ADMINISTRATIVE: frozenset[EventType] = frozenset(
    {
        "ORGANIZATION_CHANGED",
        "CREDENTIAL_CHANGED",
        "CREDENTIAL_REVOKED",
        "STAFF_CHANGED",
        "PHARMACY_CHANGED",
        "DRUG_CHANGED",
        "GATEWAY_ACCOUNT_CHANGED",
    }
)

# A part of any statement whose `sent.rows` holds events as JSON. `case_sequence` counts the events of each case: the act
# has locked the case's row, so no other event of the case can come between the question and the insert, and a unique index
# would refuse one that did. Events of no case are not counted.
INSERT_EVENTS: LiteralString = """
INSERT INTO events (organization_id, id, type, case_id, actor_kind, actor_id, target_id, is_phi, is_restricted, is_test,
                    value_before, value_after, request_id, is_quiet, case_sequence)
SELECT n.organization_id, n.id, n.type, n.case_id, n.actor_kind, n.actor_id, n.target_id, n.is_phi, n.is_restricted,
       n.is_test, n.value_before, n.value_after, n.request_id, coalesce(n.is_quiet, false),
       CASE WHEN n.case_id IS NOT NULL THEN n.case_sequence + coalesce((
         SELECT max(e.case_sequence) FROM events e
         WHERE e.organization_id = n.organization_id AND e.case_id = n.case_id), 0) END
FROM sent, jsonb_populate_recordset(null::events, sent.rows -> 'events') n
"""

_INSERT_READ: LiteralString = """
INSERT INTO phi_reads (organization_id, id, actor_kind, actor_id, record_kind, record_id, reason, request_id)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
"""

_INSERT_READS: LiteralString = """
INSERT INTO phi_reads (organization_id, id, actor_kind, actor_id, record_kind, record_id, reason, request_id)
SELECT %s, n.id, %s, %s, %s, n.record_id, %s, %s FROM json_populate_recordset(null::phi_reads, %s) n
"""


class Event(msgspec.Struct, frozen=True, kw_only=True):
    organization_id: UUID
    id: UUID
    type: EventType
    case_id: UUID | None
    actor_kind: str
    actor_id: UUID | None
    request_id: str | None
    target_id: UUID | None = None
    is_phi: bool = False
    is_restricted: bool = False
    is_test: bool = False
    value_before: str | None = None
    value_after: str | None = None
    # No webhook tells of it; the feed does.
    is_quiet: bool = False
    # Which of the events of one act this is, from 1; the database adds what the case had before.
    case_sequence: int = 1


def new_event(
    actor: Actor,
    type: EventType,  # noqa: A002 - the field's name everywhere else
    case_id: UUID | None,
    *,
    target_id: UUID | None = None,
    is_test: bool = False,
    value_before: str | None = None,
    value_after: str | None = None,
) -> Event:
    """An event of `actor`, for `record` or for a statement that ends with INSERT_EVENTS."""
    return Event(
        organization_id=actor.organization_id,
        id=uuid7(),
        type=type,
        case_id=case_id,
        actor_kind=actor.kind,
        actor_id=actor.id,
        request_id=actor.request_id,
        target_id=target_id,
        is_test=is_test,
        value_before=value_before,
        value_after=value_after,
    )


async def record(conn: Connection, *acts: Event) -> None:
    """Writes the events, all of one case or of none, in the transaction of the act they tell of. The case's row must be
    locked."""
    numbered = [msgspec.structs.replace(event, case_sequence=number) for number, event in enumerate(acts, start=1)]
    await conn.execute(f"WITH sent AS (SELECT %s::jsonb AS rows) {INSERT_EVENTS}", (to_json({"events": numbered}),))


async def record_reads(
    conn: Connection, actor: Actor, record_kind: str, record_ids: Sequence[UUID], reason: str
) -> None:
    """`record_read` of many at once, in one statement."""
    if record_ids:
        rows = [{"id": uuid7(), "record_id": record_id} for record_id in record_ids]
        shared = (actor.organization_id, actor.kind, actor.id, record_kind, reason, actor.request_id)
        await conn.execute(_INSERT_READS, (*shared, to_json(rows)))


async def record_read(conn: Connection, actor: Actor, record_kind: str, record_id: UUID, reason: str) -> None:
    """Writes who saw which record and why, in the transaction of the read itself."""
    await conn.execute(
        _INSERT_READ,
        (actor.organization_id, uuid7(), actor.kind, actor.id, record_kind, record_id, reason, actor.request_id),
    )
