"""Mail in the clinic's own words."""

from uuid import UUID

from carelane.kit.auth import system_actor
from carelane.messages.templates.actions import change_mail_template
from carelane.messages.templates.schemas import MailTemplateIn
from carelane.services import Services
from tests.cast import Clinic


async def add_mails(services: Services, clinic: Clinic, marker: str) -> dict[str, str]:
    words = MailTemplateIn(
        subject=f"{marker} has a quote", text="See it: {link}", html='<p><a href="{link}">See it</a></p>'
    )
    await change_mail_template(services, system_actor(UUID(clinic.organization_id)), "QUOTE", "en", words, None)
    return {"mail_kind": "QUOTE", "mail_language": "en"}
