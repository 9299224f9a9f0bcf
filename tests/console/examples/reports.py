"""Reports, and the rows behind their figures."""

from carelane.permissions import REPORTS_READ
from tests.console.examples.shapes import FormExample, PageExample

PAGES: dict[str, PageExample] = {
    "/console/reports": PageExample(needs=REPORTS_READ, statements=8, query="by=product"),
    "/console/reports/export.csv": PageExample(needs=REPORTS_READ, statements=4, kind="file", query="by=person"),
    "/console/reports/rows": PageExample(needs=REPORTS_READ, statements=8, query="measure=decisions&by=month"),
}
FORMS: dict[str, FormExample] = {}
