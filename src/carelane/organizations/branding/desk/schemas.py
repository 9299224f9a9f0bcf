"""Branding on the wire of the staff API."""

from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from carelane.organizations.branding.schemas import LinkName, Look
from carelane.organizations.logos.schemas import LogoOut
from carelane.web.versions import Version


class BrandingIn(Look, frozen=True, kw_only=True):
    """All of it: what is left out is empty afterwards. `name` is the clinic's, on pages and in mails too."""

    name: Annotated[str, Meta(min_length=1, max_length=200, pattern=r"\S")]
    link_name: LinkName
    form_id: UUID | None = None
    default_bundle_id: UUID | None = None
    version: Version | None = None


class BrandingOut(Look, frozen=True, kw_only=True):
    """`link_name` is null as long as the clinic has no branding. The pictures are changed by routes of their own."""

    name: str
    link_name: str | None
    form_id: UUID | None
    default_bundle_id: UUID | None
    logo: LogoOut | None
    receipt_logo: LogoOut | None
    version: str


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """What a version is of."""

    name: str
    content: object
