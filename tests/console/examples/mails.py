"""What patients are written, by mail."""

from carelane.permissions import ORGANIZATION_MANAGE
from tests.console.examples.shapes import FormExample, PageExample

PAGES: dict[str, PageExample] = {
    "/console/mails": PageExample(needs=ORGANIZATION_MANAGE, statements=6),
    "/console/mails/{mail_kind}/{mail_language}": PageExample(
        needs=ORGANIZATION_MANAGE, statements=6, to_strangers=200
    ),
}

FORMS: dict[str, FormExample] = {
    "/console/mails/{mail_kind}/{mail_language}/save": FormExample(
        needs=ORGANIZATION_MANAGE,
        fields={"act": "preview", "subject": "Your quote", "text": "Look: {{link}}"},
        to_strangers=200,
    ),
    "/console/mails/{mail_kind}/{mail_language}/reset": FormExample(needs=ORGANIZATION_MANAGE, to_strangers=303),
}
