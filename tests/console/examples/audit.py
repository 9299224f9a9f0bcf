"""The audit of the clinic."""

from carelane.permissions import AUDIT_READ
from tests.console.examples.shapes import FormExample, PageExample

PAGES: dict[str, PageExample] = {
    "/console/audit": PageExample(needs=AUDIT_READ, statements=8),
    "/console/audit/export.csv": PageExample(needs=AUDIT_READ, statements=3, rows=1_100, kind="file"),
    "/console/audit/patients/{patient_id}/disclosures": PageExample(needs=AUDIT_READ, statements=10),
    "/console/audit/patients/{patient_id}/disclosures.csv": PageExample(needs=AUDIT_READ, statements=6, kind="file"),
    "/console/audit/patients/{patient_id}/readers": PageExample(needs=AUDIT_READ, statements=10),
}
FORMS: dict[str, FormExample] = {}
