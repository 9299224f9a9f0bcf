"""Branding between its row and the wire."""

import msgspec

from carelane.organizations.branding.desk.schemas import BrandingOut, Shown
from carelane.organizations.branding.queries import Branding
from carelane.organizations.branding.schemas import Look
from carelane.organizations.logos.schemas import LogosOut
from carelane.web.versions import version_of


def branding_version(name: str, branding: Branding | None) -> str:
    """The pictures are no part of it: they are changed by themselves."""
    return version_of(Shown(name=name, content=msgspec.to_builtins(branding)))


def show_branding(name: str, branding: Branding | None, logos: LogosOut) -> BrandingOut:
    """An organization that has none is shown as a new one begins."""
    look = {field: getattr(branding or Look(), field) for field in Look.__struct_fields__}
    return BrandingOut(
        **look,
        name=name,
        link_name=branding.link_name if branding else None,
        form_id=branding.form_id if branding else None,
        default_bundle_id=branding.default_bundle_id if branding else None,
        logo=logos.logo,
        receipt_logo=logos.receipt_logo,
        version=branding_version(name, branding),
    )
