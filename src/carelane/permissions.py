"""What may be done, and by whom: one list, checked once, at the entry of a read or an action.

A key or a client holds what the organization file grants it, a member of staff what the role has, a patient what PATIENT
says, a visitor what VISITOR says. The system, which acts for an organization in the worker, holds everything. Routes, pages and fields check nothing:
they call reads and actions. The OpenAPI document finds a route's permissions in what it calls.
"""

import inspect
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, Concatenate, Literal, ParamSpec, TypeVar

from carelane.kit.auth import Actor

Role = Literal["ADMIN", "CASEMANAGER", "CASEWORKER", "SUPPORT"]

CASES_WRITE = "cases:write"
CASES_READ = "cases:read"
CASES_WORK = "cases:work"
CASES_DECIDE = "cases:decide"
CATALOG_READ = "catalog:read"
CATALOG_WRITE = "catalog:write"
ORDERS_WRITE = "orders:write"
ORDERS_READ = "orders:read"
ORDERS_WORK = "orders:work"
PATIENTS_READ = "patients:read"
PATIENTS_WRITE = "patients:write"
PATIENTS_MERGE = "patients:merge"
BILLING_READ = "billing:read"
BILLING_WRITE = "billing:write"
PAYMENTS_READ = "payments:read"
PAYMENTS_WRITE = "payments:write"
PAYMENTS_REFUND = "payments:refund"
PAYMENTS_SEND = "payments:send"
PAYMENTS_OWN = "payments:own"
QUOTES_OWN = "quotes:own"
APPOINTMENTS_OWN = "appointments:own"
MESSAGES_READ = "messages:read"
MESSAGES_WORK = "messages:work"
WEBHOOKS_MANAGE = "webhooks:manage"
STAFF_MANAGE = "staff:manage"
AUDIT_READ = "audit:read"
REPORTS_READ = "reports:read"
ORGANIZATION_MANAGE = "organization:manage"
PHARMACIES_MANAGE = "pharmacies:manage"
TEMPLATES_MANAGE = "templates:manage"
SESSION_OWN = "session:own"
PORTAL_SERVE = "portal:serve"
PORTAL_OWN = "portal:own"
STOREFRONT_READ = "storefront:read"

MEANINGS: dict[str, str] = {
    CASES_WRITE: "create cases, with the patient, answers and payment they carry; book, move and cancel appointments",
    CASES_READ: "see the queue, read cases in full, health information included, and list appointments",
    CASES_WORK: "assign, start, comment, ask for more, archive, reopen, escalate; say who missed an appointment",
    CASES_DECIDE: "decide on the products of a case, as a prescriber",
    CATALOG_READ: "list bundles and read their forms; list items, packages, taxes, locations and providers",
    CATALOG_WRITE: "change items, packages, their forms, taxes, locations and the logo",
    ORDERS_WRITE: "place orders for prescriptions with a pharmacy",
    ORDERS_READ: "see where orders are and what they wait for; no health information",
    ORDERS_WORK: "place orders for what was approved, send them again, cancel and replace them",
    PATIENTS_READ: "list and read patients and their tags",
    PATIENTS_WRITE: "create, change and archive patients and their tags",
    PATIENTS_MERGE: "make one of two records of the same patient; of staff: and undo that",
    BILLING_READ: "list and read carts, quotes, charges, payments and credit, with the patients they are for",
    BILLING_WRITE: "create and change carts and quotes, send quotes, answer them for patients, make and change charges, take payments for "
    "them, give credit",
    PAYMENTS_READ: "see payments, refunds, disputes and the books",
    PAYMENTS_WRITE: "have a payment tried again, say how it ended, adjust, void and write off what is owed",
    PAYMENTS_REFUND: "grant refunds, archive charges that nothing was paid on",
    PAYMENTS_SEND: "send granted refunds to the gateway",
    PAYMENTS_OWN: "see and make one's own payment, through the link to it",
    QUOTES_OWN: "read and answer the quotes made for oneself, through the link to each",
    APPOINTMENTS_OWN: "book, read, move and cancel one's own appointments, through the links to them",
    MESSAGES_READ: "see which mail and text messages left; not what they say, and recipients masked",
    MESSAGES_WORK: "send messages again that were given up",
    WEBHOOKS_MANAGE: "manage webhook endpoints, their secrets, deliveries and replays; of a key: its listeners, which are told "
    "of patients, charges, appointments and items",
    STAFF_MANAGE: "invite, make and change members of staff, unlock accounts, end sessions and reset second factors of others",
    AUDIT_READ: "see who did and who read what, and what of a patient was disclosed to whom",
    REPORTS_READ: "see the clinic's figures of cases, orders and money by product, person and month",
    ORGANIZATION_MANAGE: "see and change the organization's settings, its keys and its clients",
    PHARMACIES_MANAGE: "see and change pharmacies and drugs",
    TEMPLATES_MANAGE: "make and change the clinic's templates of replies and decisions; everybody who works on cases has their own",
    SESSION_OWN: "see and end one's own sessions, change one's own password and second factor",
    PORTAL_SERVE: "let patients sign in with one-time codes, and pass on what they ask for",
    PORTAL_OWN: "read and change one's own profile, files and messages, as a patient who signed in",
    STOREFRONT_READ: "see what an organization shows to everybody: branding, visible bundles, the forms they ask",
}

# What the organization file may grant to a key or a client.
GRANTABLE = frozenset(
    {
        CASES_WRITE,
        CASES_READ,
        CATALOG_READ,
        CATALOG_WRITE,
        ORDERS_WRITE,
        PATIENTS_READ,
        PATIENTS_WRITE,
        PATIENTS_MERGE,
        BILLING_READ,
        BILLING_WRITE,
        PAYMENTS_READ,
        PAYMENTS_WRITE,
        PAYMENTS_REFUND,
        PAYMENTS_SEND,
        PORTAL_SERVE,
        WEBHOOKS_MANAGE,
    }
)
_CARE = frozenset(
    {
        CASES_READ,
        CASES_WORK,
        ORDERS_READ,
        ORDERS_WORK,
        PAYMENTS_READ,
        CATALOG_READ,
        PATIENTS_READ,
        BILLING_READ,
        BILLING_WRITE,
        MESSAGES_READ,
        SESSION_OWN,
    }
)
_MANAGER = _CARE | {
    MESSAGES_WORK,
    PATIENTS_WRITE,
    PATIENTS_MERGE,
    PAYMENTS_WRITE,
    PAYMENTS_REFUND,
    TEMPLATES_MANAGE,
    REPORTS_READ,
}
OF_ROLE: dict[Role, frozenset[str]] = {
    "ADMIN": _MANAGER
    | {
        PAYMENTS_SEND,
        CATALOG_WRITE,
        PHARMACIES_MANAGE,
        WEBHOOKS_MANAGE,
        STAFF_MANAGE,
        ORGANIZATION_MANAGE,
        AUDIT_READ,
    },
    "CASEMANAGER": _MANAGER,
    "CASEWORKER": _CARE | {CASES_DECIDE},
    "SUPPORT": frozenset({ORDERS_READ, PAYMENTS_READ, MESSAGES_READ, MESSAGES_WORK, SESSION_OWN}),
}
# A patient, by whatever way they showed who they are.
PATIENT = frozenset({QUOTES_OWN, PAYMENTS_OWN, APPOINTMENTS_OWN, SESSION_OWN})
# A patient who signed in to the portal.
PORTAL_PATIENT = frozenset({PORTAL_OWN, SESSION_OWN})
# Whoever looks at a storefront, without a credential.
VISITOR = frozenset({STOREFRONT_READ})

ServicesT = TypeVar("ServicesT")
ReturnT = TypeVar("ReturnT")
P = ParamSpec("P")
Act = Callable[Concatenate[ServicesT, Actor, P], Coroutine[Any, Any, ReturnT]]


def requires(*permissions: str) -> Callable[[Act[ServicesT, P, ReturnT]], Act[ServicesT, P, ReturnT]]:
    """Makes `function(services, actor, …)` a read or an action that only a holder of all `permissions` can enter.

    Whoever lacks one gets ScopeMissingError, which names the first, before anything else happens.
    """
    if not permissions or not set(permissions) <= set(MEANINGS):
        raise ValueError(f"{permissions} are not in the list of permissions")

    def decorate(function: Act[ServicesT, P, ReturnT]) -> Act[ServicesT, P, ReturnT]:
        @wraps(function)
        async def checked(services: ServicesT, actor: Actor, /, *args: P.args, **kwargs: P.kwargs) -> ReturnT:
            for permission in permissions:
                actor.require(permission)
            return await function(services, actor, *args, **kwargs)

        checked.permissions = frozenset(permissions)  # type: ignore[attr-defined]
        return checked

    return decorate


def permissions_of(*functions: object) -> frozenset[str]:
    """What these reads and actions need between them; of anything else, nothing."""
    declared = (getattr(function, "permissions", None) for function in functions)
    return frozenset(name for names in declared if isinstance(names, frozenset) for name in names)


def required_by(function: Callable[..., Any]) -> frozenset[str]:
    """The permissions of the reads and actions that `function` calls, as its code names them.

    A table that it picks one of them from declares in its own `permissions` what they need between them.
    """
    plain = inspect.unwrap(function)
    known, named = plain.__globals__, plain.__code__.co_names
    called = [known.get(name) for name in named]
    return permissions_of(*called, *(getattr(one, attribute, None) for one in called for attribute in named))


def sees_phi(role: Role) -> bool:
    """Whoever may see health information signs in with a second factor."""
    return CASES_READ in OF_ROLE[role]
