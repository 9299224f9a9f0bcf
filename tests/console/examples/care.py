"""The queue, cases, orders, patients and what everybody has."""

from carelane.permissions import (
    CASES_DECIDE,
    CASES_READ,
    CASES_WORK,
    ORDERS_READ,
    ORDERS_WORK,
    PATIENTS_MERGE,
    PAYMENTS_READ,
    PAYMENTS_REFUND,
    PAYMENTS_SEND,
    STAFF_MANAGE,
)
from tests.console.examples.shapes import FormExample, PageExample

PAGES: dict[str, PageExample] = {
    "/console": PageExample(statements=15, rows=80),
    "/console/failing": PageExample(needs=PAYMENTS_READ, statements=7, rows=60),
    "/console/sign-in": PageExample(statements=0, is_open=True),
    "/console/set-up": PageExample(statements=0, is_open=True, answer=303),
    "/console/forgot": PageExample(statements=0, is_open=True),
    "/console/invitation/{invitation_token}": PageExample(statements=1, is_open=True),
    "/console/reset/{reset_token}": PageExample(statements=1, is_open=True),
    "/console/demo/{demo_token}": PageExample(statements=0, is_open=True, answer=404),
    "/console/account": PageExample(statements=7),
    "/console/account/second-factor": PageExample(statements=2, answer=303),
    "/console/queue": PageExample(needs=CASES_READ, statements=13),
    "/console/queue/rows": PageExample(needs=CASES_READ, statements=7, kind="part"),
    "/console/people": PageExample(needs=STAFF_MANAGE, statements=7),
    "/console/cases/{case_id}": PageExample(needs=CASES_READ, statements=13, rows=20),
    "/console/cases/{case_id}/order": PageExample(needs=ORDERS_WORK, statements=11, rows=60),
    "/console/payments/{payment_id}": PageExample(needs=PAYMENTS_READ, statements=16, rows=60),
    "/console/cases/{case_id}/timeline": PageExample(needs=CASES_READ, statements=8, rows=20),
    "/console/cases/{case_id}/talk": PageExample(needs=CASES_READ, statements=7, rows=20, kind="part"),
    "/console/cases/{case_id}/files/{file_id}": PageExample(needs=CASES_READ, statements=3, kind="file"),
    "/console/templates": PageExample(needs=CASES_WORK, statements=6),
    "/console/templates/new": PageExample(needs=CASES_WORK, statements=6, query="kind=DECISION"),
    "/console/templates/{template_id}": PageExample(needs=CASES_WORK, statements=7),
    "/console/patients": PageExample(needs=CASES_READ, statements=7),
    "/console/patients/{patient_id}": PageExample(needs=CASES_READ, statements=10),
    "/console/patients/{patient_id}/seen": PageExample(needs=CASES_READ, statements=10),
    "/console/patients/{patient_id}/merge": PageExample(needs=PATIENTS_MERGE, statements=9, query="other={other_id}"),
    "/console/orders": PageExample(needs=ORDERS_READ, statements=13),
    "/console/orders/board": PageExample(needs=ORDERS_READ, statements=9, kind="part"),
    "/console/orders/pharmacies": PageExample(needs=ORDERS_READ, statements=6),
    "/console/orders/callbacks/{callback_id}": PageExample(needs=CASES_READ, statements=9, rows=60),
    "/console/orders/{order_id}": PageExample(needs=ORDERS_READ, statements=19, rows=60),
    "/console/search": PageExample(statements=8, query="q=Ophelia"),
}

FORMS: dict[str, FormExample] = {
    "/console/sign-in": FormExample(
        is_open=True, fields={"tenant": "nobody", "email": "nobody@staff.example", "password": "wrong"}
    ),
    "/console/sign-out": FormExample(is_final=True),
    "/console/set-up": FormExample(is_open=True, fields={"code": "000000"}),
    "/console/forgot": FormExample(is_open=True, fields={"tenant": "nobody", "email": "nobody@staff.example"}),
    "/console/invitation/{invitation_token}": FormExample(is_open=True, fields={"password": "short", "again": "short"}),
    "/console/reset/{reset_token}": FormExample(is_open=True, fields={"password": "short", "again": "short"}),
    "/console/account/language": FormExample(fields={"language": "es"}),
    "/console/account/password": FormExample(fields={"currentPassword": "wrong", "newPassword": "another password"}),
    "/console/account/second-factor": FormExample(fields={"password": "wrong"}),
    "/console/account/second-factor/finish": FormExample(fields={"code": "000000"}),
    "/console/account/recovery-codes": FormExample(fields={"password": "wrong"}),
    "/console/account/sessions/others/end": FormExample(),
    # What is over already is what was wanted, whosever it was.
    "/console/account/sessions/{session_id}/end": FormExample(to_strangers=303),
    "/console/queue/next": FormExample(needs=CASES_DECIDE, to_strangers=303),
    # Of the other clinic's cases it only says that they are not there.
    "/console/queue/bulk": FormExample(
        needs=CASES_WORK,
        fields={"act": "escalate", "caseIds": "01a21af9-a122-7379-a227-166de81b0e54"},
        to_strangers=200,
    ),
    "/console/queue/save": FormExample(
        needs=CASES_WORK, fields={"name": "Night", "query": "state=NY", "scope": "ME"}, to_strangers=303
    ),
    "/console/queue/remove": FormExample(
        needs=CASES_WORK, fields={"viewId": "01a21af9-a122-7379-a227-166de81b0e54"}, to_strangers=303
    ),
    "/console/cases/{case_id}/start": FormExample(needs=CASES_DECIDE),
    "/console/cases/{case_id}/decide": FormExample(
        needs=CASES_DECIDE,
        fields={
            "decisions[0].productId": "00000000-0000-7000-8000-000000000000",
            "decisions[0].outcome": "NO_DECISION",
        },
    ),
    "/console/cases/{case_id}/undo": FormExample(needs=CASES_DECIDE),
    "/console/cases/{case_id}/order/place": FormExample(
        needs=ORDERS_WORK,
        fields={
            "order.pharmacyId": "nowhere",
            "order.diagnosis": "Hypertension",
            "order.prescriptionItems[0].drugId": "nothing",
            "order.prescriptionItems[0].quantity": "30",
            **{f"order.prescriber.{name}": "x" for name in ("firstName", "lastName", "npi", "email", "phoneNumber")},
            **{
                f"order.prescriber.address.{name}": "x"
                for name in ("addressLine1", "city", "state", "country", "postalCode")
            },
        },
    ),
    "/console/orders/{order_id}/send": FormExample(needs=ORDERS_WORK),
    "/console/orders/{order_id}/cancel": FormExample(
        needs=ORDERS_WORK, fields={"reason": "The patient moved.", "cancelWord": "cancel"}
    ),
    "/console/orders/{order_id}/replace": FormExample(needs=ORDERS_WORK, fields={"replaceReason": "It was lost."}),
    "/console/orders/{order_id}/resolve": FormExample(
        needs=ORDERS_WORK, fields={"happened": "ACCEPTED", "note": "They have it.", "resolveWord": "resolve"}
    ),
    "/console/orders/{order_id}/story": FormExample(needs=ORDERS_WORK, fields={"story": "SHIP"}),
    "/console/orders/callbacks/{callback_id}/match": FormExample(
        needs=ORDERS_WORK, fields={"otherId": "00000000-0000-7000-8000-000000000000", "word": "match"}
    ),
    "/console/orders/callbacks/{callback_id}/dismiss": FormExample(
        needs=ORDERS_WORK, fields={"reason": "Not ours.", "dismissWord": "dismiss"}
    ),
    "/console/payments/{payment_id}/refund": FormExample(
        needs=PAYMENTS_REFUND, fields={"amount": "1.00", "again": "1.00"}
    ),
    "/console/payments/{payment_id}/refund-items": FormExample(
        needs=PAYMENTS_REFUND,
        fields={"items[0].id": "00000000-0000-7000-8000-000000000000", "itemsAgain": "1.00"},
    ),
    "/console/payments/{payment_id}/send-refund": FormExample(
        needs=PAYMENTS_SEND, fields={"refundId": "{refund_id}", "again": "1.00"}
    ),
    "/console/payments/{payment_id}/cancel-refund": FormExample(
        needs=PAYMENTS_REFUND, fields={"refundId": "{refund_id}"}
    ),
    "/console/cases/{case_id}/assign": FormExample(
        needs=CASES_WORK, fields={"staffId": "00000000-0000-7000-8000-000000000000"}
    ),
    "/console/cases/{case_id}/unassign": FormExample(needs=CASES_WORK),
    "/console/cases/{case_id}/archive": FormExample(needs=CASES_WORK, fields={"reason": "RESOLVED"}),
    "/console/cases/{case_id}/reopen": FormExample(needs=CASES_WORK),
    "/console/cases/{case_id}/escalate": FormExample(needs=CASES_WORK),
    "/console/cases/{case_id}/deescalate": FormExample(needs=CASES_WORK),
    "/console/cases/{case_id}/cancel-order": FormExample(
        needs=ORDERS_WORK, fields={"orderId": "{order_id}", "reason": "Twice"}
    ),
    "/console/cases/{case_id}/replace-order": FormExample(
        needs=ORDERS_WORK, fields={"orderId": "{order_id}", "reason": "Lost"}
    ),
    "/console/cases/{case_id}/reply": FormExample(needs=CASES_WORK, fields={"act": "note", "text": "She called."}),
    "/console/cases/{case_id}/files": FormExample(needs=CASES_WORK),
    "/console/templates/new/make": FormExample(
        needs=CASES_WORK, fields={"kind": "REPLY", "scope": "MINE", "name": "", "content.text": "x"}, to_strangers=422
    ),
    "/console/templates/{template_id}/change": FormExample(
        needs=CASES_WORK, fields={"scope": "CLINIC", "name": "", "content.text": "x"}
    ),
    # Once it is removed, it is there for nobody.
    "/console/templates/{template_id}/remove": FormExample(needs=CASES_WORK, is_final=True),
    "/console/drafts": FormExample(needs=CASES_READ, fields={"draft": "cases/{case_id}/reply", "text": "x"}),
    "/console/people/invite": FormExample(
        needs=STAFF_MANAGE,
        fields={"email": "a@staff.example", "firstName": "A", "lastName": "B", "role": "SUPPORT"},
    ),
    "/console/people/invitations/{invitation_id}/revoke": FormExample(needs=STAFF_MANAGE),
    "/console/people/{member_id}/unlock": FormExample(needs=STAFF_MANAGE),
    "/console/people/{member_id}/sign-out": FormExample(needs=STAFF_MANAGE),
    "/console/people/{member_id}/reset-second-factor": FormExample(needs=STAFF_MANAGE),
    "/console/patients/{patient_id}/merge": FormExample(
        needs=PATIENTS_MERGE, fields={"otherId": "nobody", "name": "Nobody"}
    ),
    "/console/patients/{patient_id}/undo-merge": FormExample(needs=PATIENTS_MERGE, fields={"mergeId": "none"}),
}
