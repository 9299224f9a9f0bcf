"""The tenant walk's part about billing in the staff API: the dialect's own questions at its other doors, and those of its own."""

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from tests.safety.walk_billing import Asked

STAFF = "/api/staff"
BILLING = f"{STAFF}/billing"


def walk_staff_billing(
    asked: Iterable[Asked], victim: Any, mark: str, headers: dict[str, str], routes: Collection[str]
) -> Iterator[Asked]:
    """`asked` of the dialect, with a session of the same other clinic, wherever that route is hung in."""
    for step, (method, url, options) in asked:
        verb, path = step.split(" ")
        route = f"{verb} {_at_staff(path)}"
        if route in routes:
            yield route, (method, _at_staff(url), options | {"headers": headers})
    own = {"headers": headers}
    days = {"from": "2020-01-01", "until": "2029-12-31"}
    for query in ({}, {"patientId": victim.patient}, {"name": mark}, {"status": "OUTSTANDING"}):
        yield f"GET {BILLING}/charges", ("GET", f"{BILLING}/charges", own | {"params": query})
    yield f"GET {BILLING}/charges/{{charge_id}}", ("GET", f"{BILLING}/charges/{victim.charge}", own)
    plan = {"installments": "3", "frequency": "MONTHLY"}
    preview = f"{BILLING}/charges/{{charge_id}}/payment-plan"
    yield f"GET {preview}", ("GET", preview.replace("{charge_id}", victim.charge), own | {"params": plan})
    editable = f"{BILLING}/quote/{{quote_id}}/editable"
    yield f"GET {editable}", ("GET", editable.replace("{quote_id}", victim.quote), own)
    for query in ({}, {"chargeId": victim.charge}, {"account": "receivable"}):
        yield f"GET {BILLING}/ledger", ("GET", f"{BILLING}/ledger", own | {"params": query})
    for name in ("refunds", "disputes", "credits", "books"):
        yield f"GET {BILLING}/{name}", ("GET", f"{BILLING}/{name}", own)
    evidence = f"{BILLING}/disputes/{{dispute_id}}/evidence"
    yield f"GET {evidence}", ("GET", evidence.replace("{dispute_id}", victim.payment), own)
    for kind in ("charges", "payments", "refunds", "ledger"):
        for end in ("count", "rows.csv"):
            path = f"{BILLING}/exports/{kind}/{end}"
            yield f"GET {BILLING}/exports/{{kind}}/{end}", ("GET", path, own | {"params": days})


def _at_staff(path: str) -> str:
    return STAFF + path.replace("/user/patient/", "/billing/patient/", 1)
