"""What the pages of branding show."""

import re
from typing import Any

import msgspec

from carelane.catalog.desk.schemas import PartOut
from carelane.catalog.desk.views import picked
from carelane.console.forms import Filled
from carelane.kit.languages import N_, _
from carelane.messages.templates.views import ours, write
from carelane.organizations.branding.desk.schemas import BrandingOut
from carelane.organizations.logos.schemas import LogoOut, Use
from carelane.quotes.sending.views import Offer, values_of

NAMES = {
    "name": N_("Name of the clinic"),
    "linkName": N_("Name in addresses"),
    "tagline": N_("Line under the name"),
    "contactEmail": N_("E-mail for patients"),
    "contactPhone": N_("Phone for patients"),
    "colorPrimary": N_("Main color"),
    "seeIfIQualifyButtonColor": N_("Color of the button"),
    "seeIfIQualifyButtonTextColor": N_("Color of the button's text"),
    "seeIfIQualifyButtonText": N_("Text of the button"),
    "formHeaderText": N_("Text above forms"),
    "formHeaderColor": N_("Color above forms"),
    "loginTitle": N_("Title where patients sign in"),
    "loginSubtitle": N_("Line under that title"),
    "termsOfServicesLink": N_("Terms of service"),
    "privacyPolicyLink": N_("Privacy policy"),
    "supportLink": N_("Help"),
    "formId": N_("Form that is asked"),
    "defaultBundleId": N_("Bundle that is offered"),
}
_NOT_KEPT = {*NAMES, "version", "logo", "receiptLogo"}
USES: dict[Use, str] = {"pages": N_("Pages, mail and receipts"), "receipts": N_("Receipts, in place of that")}
LOGO_NOTES = {
    "logo": N_("The logo is saved. Pages and mails show it from now on."),
    "no-logo": N_("The logo is gone. Pages and mails say the clinic's name alone."),
}
# What a browser paints with. Others may be good in a storefront's own style sheet, and are not shown here.
_PAINT = re.compile(
    r"#[0-9a-f]{3,8}|[a-z]{3,30}|(?:rgb|rgba|hsl|hsla|oklch|oklab|lab|lch)\([0-9.,%/ a-z-]{1,50}\)", re.IGNORECASE
)


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """What is painted: colors are empty where there is none that can be shown."""

    clinic: str
    tagline: str
    main: str
    button: str
    button_text: str
    button_says: str
    header: str
    subject: str
    mail: str


def kept(branding: BrandingOut) -> dict[str, Any]:
    """What the form does not show; it stays."""
    plain: dict[str, Any] = msgspec.to_builtins(branding)
    return {name: value for name, value in plain.items() if name not in _NOT_KEPT}


def logos(branding: BrandingOut) -> list[tuple[Use, str, LogoOut]]:
    """What is there: the use, its name, the picture."""
    there: dict[Use, LogoOut | None] = {"pages": branding.logo, "receipts": branding.receipt_logo}
    return [(use, _(USES[use]), logo) for use, logo in there.items() if logo is not None]


def with_problems(stands: Filled, refused: Filled) -> Filled:
    """The form of the branding as it stands, with what was wrong with another one of the page."""
    fields = stands.fields | {"usedOn": refused.all("usedOn")}
    return Filled(fields, refused.problems, refused.general, refused.status, refused.error)


def picture(form: Filled) -> Picture:
    clinic = form.get("name").strip() or _("The clinic")
    offer = Offer(
        clinic=clinic,
        first_name=_("Marisol"),
        message=None,
        url="https://clinic.example/q/…",
        expires_at=None,
        timezone="UTC",
    )
    mail = write("QUOTE", ours("QUOTE"), values_of(offer), "")
    return Picture(
        clinic=clinic,
        tagline=form.get("tagline"),
        main=_paint(form.get("colorPrimary")),
        button=_paint(form.get("seeIfIQualifyButtonColor")),
        button_text=_paint(form.get("seeIfIQualifyButtonTextColor")),
        button_says=form.get("seeIfIQualifyButtonText") or _("See if I qualify"),
        header=_paint(form.get("formHeaderColor")),
        subject=mail.subject,
        mail=mail.text,
    )


def _paint(color: str) -> str:
    return color.strip() if _PAINT.fullmatch(color.strip()) else ""


def choices(parts: list[PartOut], chosen: str) -> list[tuple[str, str]]:
    return [("", _("None")), *((str(one.id), one.name) for one in picked(parts, [chosen]))]
