"""The tenant walk's part about the desk: queue, leases, views, templates, search, patients, staff's orders, figures."""

from collections.abc import Iterator
from typing import Any, NamedTuple
from uuid import UUID

from carelane.services import Services
from tests.factories.rows import insert_link, insert_row
from tests.orders.bodies import order_body
from tests.safety.walk.victim import Ask, Victim

DESK = "/api/staff"
CASES = f"{DESK}/cases"
VIEWS = f"{DESK}/views"
TEMPLATES = f"{DESK}/templates"
PATIENTS = f"{DESK}/patients"
SEARCH = f"{DESK}/search"


class Kept(NamedTuple):
    """A view and a template of the whole clinic."""

    view_id: UUID
    template_id: UUID


async def keep_marked_desk(services: Services, organization_id: UUID, mark: str) -> Kept:
    here = (services, organization_id)
    view_id = await insert_row(*here, "saved_views", name=mark, query="state=NY")
    content = f'{{"text": "{mark}"}}'
    await insert_link(*here, "mail_templates", kind="QUOTE", language="en", subject=mark, text="{link}")
    return Kept(view_id, await insert_row(*here, "templates", kind="REPLY", name=mark, content=content))


def walk_desk(
    victim: Victim, kept: Kept, patient_id: str, mark: str, manager: dict[str, str]
) -> Iterator[tuple[str, Ask]]:
    """What the other clinic's manager may try on what the victim's staff work with."""
    seen = {"headers": manager}
    yield from _walk_queue(victim, seen)
    yield from _walk_orders(victim, seen)
    yield f"GET {VIEWS}", Ask("GET", VIEWS, seen)
    view = {"name": "Walk", "query": f"product={victim.product_id}", "scope": "CLINIC"}
    yield f"POST {VIEWS}", Ask("POST", VIEWS, seen | {"json": view})
    yield f"DELETE {VIEWS}/{{view_id}}", Ask("DELETE", f"{VIEWS}/{kept.view_id}", seen)
    yield from _walk_templates(victim, kept, mark, seen)
    for query in (mark, victim.email, str(victim.case_id), patient_id):
        yield f"GET {SEARCH}", Ask("GET", SEARCH, seen | {"params": {"q": query}})
    for query in ({}, {"after": patient_id}):
        yield f"GET {PATIENTS}", Ask("GET", PATIENTS, seen | {"params": query})
    for end in ("", "/reads"):
        yield f"GET {PATIENTS}/{{patient_id}}{end}", Ask("GET", f"{PATIENTS}/{patient_id}{end}", seen)
    yield from _walk_mails(seen)
    yield f"GET {DESK}/figures", Ask("GET", f"{DESK}/figures", seen)


def _walk_mails(seen: dict[str, Any]) -> Iterator[tuple[str, Ask]]:
    """An address says a kind and a language, never whose: it is one's own."""
    place, one = f"{DESK}/mail-templates/{{kind}}/{{language}}", f"{DESK}/mail-templates/QUOTE/en"
    words = {"subject": "Walk", "text": "{link}"}
    yield f"GET {DESK}/mail-templates", Ask("GET", f"{DESK}/mail-templates", seen)
    yield f"GET {place}", Ask("GET", one, seen)
    yield f"PUT {place}", Ask("PUT", one, seen | {"json": words})
    yield f"POST {place}/preview", Ask("POST", f"{one}/preview", seen | {"json": words})
    yield f"POST {place}/reset", Ask("POST", f"{one}/reset", seen)


def _walk_queue(victim: Victim, seen: dict[str, Any]) -> Iterator[tuple[str, Ask]]:
    case_id, product = str(victim.case_id), victim.product_id
    yield f"GET {CASES}/{{ref}}/visibility", Ask("GET", f"{CASES}/{case_id}/visibility", seen)
    yield (
        f"POST {CASES}/next",
        Ask("POST", f"{CASES}/next", seen | {"json": {"insteadOf": case_id, "product": product}}),
    )
    for method in ("PUT", "DELETE"):
        yield f"{method} {CASES}/{{case_id}}/lease", Ask(method, f"{CASES}/{case_id}/lease", seen)
    acts: list[dict[str, Any]] = [
        {"act": "assign", "staffId": str(victim.staff_id)},
        {"act": "unassign"},
        {"act": "escalate", "text": "Look"},
        {"act": "deescalate"},
        {"act": "ask", "text": "Hello?"},
    ]
    for act in acts:
        for is_tried in (True, False):
            body = act | {"caseIds": [case_id], "dryRun": is_tried}
            yield f"POST {CASES}/bulk", Ask("POST", f"{CASES}/bulk", seen | {"json": body})
    yield f"POST {CASES}/{{case_id}}/undo-decision", Ask("POST", f"{CASES}/{case_id}/undo-decision", seen)
    yield f"GET {CASES}/{{case_id}}/held-decision", Ask("GET", f"{CASES}/{case_id}/held-decision", seen)


def _walk_orders(victim: Victim, seen: dict[str, Any]) -> Iterator[tuple[str, Ask]]:
    one = f"{CASES}/{victim.case_id}"
    yield f"GET {CASES}/{{case_id}}/order-draft", Ask("GET", f"{one}/order-draft", seen)
    body = {"order": order_body("walk")["order"]}
    for end in ("orders/try", "orders"):
        yield f"POST {CASES}/{{case_id}}/{end}", Ask("POST", f"{one}/{end}", seen | {"json": body})


def _walk_templates(victim: Victim, kept: Kept, mark: str, seen: dict[str, Any]) -> Iterator[tuple[str, Ask]]:
    for query in ({}, {"q": mark}, {"productId": victim.product_id}):
        yield f"GET {TEMPLATES}", Ask("GET", TEMPLATES, seen | {"params": query})
    own: dict[str, Any] = {"kind": "REPLY", "scope": "CLINIC", "name": "Walk", "content": {"text": "Hello"}}
    for body in (own, own | {"name": "Stolen", "productId": victim.product_id}):
        yield f"POST {TEMPLATES}", Ask("POST", TEMPLATES, seen | {"json": body})
    one = f"{TEMPLATES}/{kept.template_id}"
    yield f"GET {TEMPLATES}/{{template_id}}", Ask("GET", one, seen)
    yield f"PUT {TEMPLATES}/{{template_id}}", Ask("PUT", one, seen | {"json": own})
    yield f"POST {TEMPLATES}/{{template_id}}/archive", Ask("POST", f"{one}/archive", seen)
    filled = seen | {"params": {"caseId": str(victim.case_id)}}
    yield f"GET {TEMPLATES}/{{template_id}}/filled", Ask("GET", f"{one}/filled", filled)
