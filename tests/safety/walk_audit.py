"""The tenant walk's part about the audit, reports, and mail in own words."""

from collections.abc import Iterator
from typing import Any, NamedTuple
from uuid import UUID

AUDIT, REPORTS, MAILS = "/api/staff/audit", "/api/staff/reports", "/api/staff/mail-templates"


class Ask(NamedTuple):
    method: str
    url: str
    options: dict[str, Any]


def walk_audit(
    patient_id: UUID | str, staff_id: UUID | None, mark: str, administrator: dict[str, str]
) -> Iterator[tuple[str, Ask]]:
    """What the other clinic's administrator may ask of the victim's patient and people."""
    seen = {"headers": administrator}
    for name, value in (("record", str(patient_id)), ("actor", str(staff_id))):
        for url in (AUDIT, f"{AUDIT}/export.csv"):
            yield f"GET {url}", Ask("GET", url, seen | {"params": {name: value}})
    yield f"GET {AUDIT}/actors", Ask("GET", f"{AUDIT}/actors", seen)
    for part in ("disclosures", "disclosures.csv", "readers"):
        yield f"GET {AUDIT}/patients/{{patient_id}}/{part}", Ask("GET", f"{AUDIT}/patients/{patient_id}/{part}", seen)
    for path in ("", "/export.csv"):
        yield f"GET {REPORTS}{path}", Ask("GET", f"{REPORTS}{path}", seen | {"params": {"by": "person"}})
    rows = {"measure": "cases", "by": "person", "key": str(staff_id)}
    yield f"GET {REPORTS}/rows", Ask("GET", f"{REPORTS}/rows", seen | {"params": rows})
    one, named = f"{MAILS}/RECEIPT/en", f"{MAILS}/{{kind}}/{{language}}"
    yield f"GET {MAILS}", Ask("GET", MAILS, seen)
    yield f"GET {named}", Ask("GET", one, seen)
    words = {"subject": mark, "text": "without a link"}
    yield f"PUT {named}", Ask("PUT", one, seen | {"json": words})
    yield f"POST {named}/preview", Ask("POST", f"{one}/preview", seen | {"json": words})
    yield f"POST {named}/reset", Ask("POST", f"{one}/reset", seen)
