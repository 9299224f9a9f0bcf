"""What each role of the care platform may do in the staff API, scope by scope."""

from typing import Literal

from carelane.kit.errors import FieldProblem

Role = Literal["ADMIN", "CASEMANAGER", "CASEWORKER", "SUPPORT"]

CASES_READ = "staff.cases:read"
CASES_WORK = "staff.cases:work"
CASES_DECIDE = "staff.cases:decide"
ORDERS_READ = "staff.orders:read"
ORDERS_WORK = "staff.orders:work"
WEBHOOKS_MANAGE = "staff.webhooks:manage"
PEOPLE_MANAGE = "staff.people:manage"
BILLING_WORK = "staff.billing:work"

MEANINGS: dict[str, str] = {
    CASES_READ: "see the queue and cases, health information included",
    CASES_WORK: "assign, start, comment, ask for more, archive, reopen, escalate",
    CASES_DECIDE: "decide on the products of a case, as a prescriber",
    ORDERS_READ: "see where orders are and what they wait for; no health information",
    ORDERS_WORK: "send on, cancel and replace orders",
    WEBHOOKS_MANAGE: "webhook endpoints, their secrets, deliveries and replays",
    PEOPLE_MANAGE: "unlock accounts and end sessions of others",
    BILLING_WORK: "stand as the creator of carts and quotes",
}

OF_ROLE: dict[Role, frozenset[str]] = {
    "ADMIN": frozenset(MEANINGS) - {CASES_DECIDE},
    "CASEMANAGER": frozenset({CASES_READ, CASES_WORK, ORDERS_READ, ORDERS_WORK, BILLING_WORK}),
    "CASEWORKER": frozenset({CASES_READ, CASES_WORK, CASES_DECIDE, ORDERS_READ, ORDERS_WORK, BILLING_WORK}),
    "SUPPORT": frozenset({ORDERS_READ}),
}


def creator_problems(role: Role) -> list[FieldProblem]:
    """Whether a member of this role may stand as the creator of a cart or a quote."""
    if BILLING_WORK in OF_ROLE[role]:
        return []
    roles = ", ".join(name for name, scopes in OF_ROLE.items() if BILLING_WORK in scopes)
    return [FieldProblem("creatorId", f"expected a member of staff who is one of {roles}")]


def sees_phi(role: Role) -> bool:
    """Whoever may see health information signs in with a second factor."""
    return CASES_READ in OF_ROLE[role]
