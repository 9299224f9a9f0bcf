"""Every page and every form of the console, found in the routes, with what the generated tests need to know of each.

A new route fails these tests until it has its line here; a line whose route is gone fails, too. Parameters of a path are taken from
the world of the same name (`tests/console/world.py`).
"""

from collections.abc import Iterator
from functools import cache
from typing import Any, Literal, get_args

import msgspec
import pytest

from carelane.app import create_litestar
from carelane.permissions import (
    CASES_DECIDE,
    CASES_READ,
    CASES_WORK,
    OF_ROLE,
    ORDERS_READ,
    ORDERS_WORK,
    PATIENTS_MERGE,
    PAYMENTS_READ,
    PAYMENTS_REFUND,
    PAYMENTS_SEND,
    STAFF_MANAGE,
    Role,
)
from carelane.settings import Settings

ROLES: tuple[Role, ...] = get_args(Role)
# Not pages: what anybody may have.
NO_PAGES = {"/console/assets/{version:str}/{name:str}"}


class PageExample(msgspec.Struct, frozen=True, kw_only=True):
    """A GET. `needs`: the permission without which it answers 403; None: anybody who is signed in."""

    needs: str | None = None
    # Without a session, too.
    is_open: bool = False
    # What it asks the database, at most, with the two of the session and of the frame.
    statements: int
    # How many rows it gets at most, however large the clinic is.
    rows: int = 300
    # To whoever may; a page with nothing to show leads on.
    answer: int = 200
    query: str = ""
    # A part of a page, or a file: no browser looks at it alone.
    kind: Literal["page", "part", "file"] = "page"


class FormExample(msgspec.Struct, frozen=True, kw_only=True):
    """A POST. `fields`: a good form, `{case_id}` in it is the world's, so that nothing but the permission stands in the way."""

    needs: str | None = None
    is_open: bool = False
    fields: dict[str, str] = {}
    # To the other clinic, of a record that is not theirs.
    to_strangers: int = 404
    # A form about no record is not "there" for the other clinic, too: it acts on their own.
    # Its answer ends the session, or for another reason may be sent once only: the matrix leaves out who may.
    is_final: bool = False


PAGES: dict[str, PageExample] = {
    "/console": PageExample(statements=16, rows=80),
    "/console/failing": PageExample(needs=PAYMENTS_READ, statements=7, rows=60),
    "/console/sign-in": PageExample(statements=0, is_open=True),
    "/console/set-up": PageExample(statements=0, is_open=True, answer=303),
    "/console/forgot": PageExample(statements=0, is_open=True),
    "/console/invitation/{invitation_token}": PageExample(statements=1, is_open=True),
    "/console/reset/{reset_token}": PageExample(statements=1, is_open=True),
    "/console/demo/{demo_token}": PageExample(statements=0, is_open=True, answer=404),
    "/console/account": PageExample(statements=7),
    "/console/account/second-factor": PageExample(statements=2, answer=303),
    "/console/queue": PageExample(needs=CASES_READ, statements=12),
    "/console/queue/rows": PageExample(needs=CASES_READ, statements=6, kind="part"),
    "/console/people": PageExample(needs=STAFF_MANAGE, statements=7),
    "/console/cases/{case_id}": PageExample(needs=CASES_READ, statements=13, rows=20),
    "/console/cases/{case_id}/order": PageExample(needs=ORDERS_WORK, statements=11, rows=60),
    "/console/payments/{payment_id}": PageExample(needs=PAYMENTS_READ, statements=12, rows=60),
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


@cache
def found_routes() -> frozenset[tuple[str, str]]:
    """Methods and paths of the console, as the program has them."""
    app = create_litestar(Settings(), None)
    return frozenset(
        (method, route.path_format)
        for route in app.routes
        if route.path.startswith("/console") and route.path not in NO_PAGES
        for method in getattr(route, "methods", ())
        if method in {"GET", "POST"}
    )


def may(role: Role, example: PageExample | FormExample) -> bool:
    return example.is_open or example.needs is None or example.needs in OF_ROLE[role]


def every_page(*kinds: str) -> list[Any]:
    return [pytest.param(path, id=path) for path, page in PAGES.items() if not kinds or page.kind in kinds]


def every_form() -> list[Any]:
    return [pytest.param(path, id=path) for path in FORMS]


def missing_lines() -> Iterator[str]:
    known = {("GET", path) for path in PAGES} | {("POST", path) for path in FORMS}
    table = {"GET": "PAGES", "POST": "FORMS"}
    for method, path in sorted(found_routes() - known):
        yield f"{method} {path} has no line in {table[method]} of tests/console/pages.py: give it an example"
    for method, path in sorted(known - found_routes()):
        yield f"{method} {path} is in {table[method]} of tests/console/pages.py, but is no route: take the line out"
