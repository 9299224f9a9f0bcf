"""What the pages of branding show."""

from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import msgspec

from carelane.catalog.desk.schemas import PartOut
from carelane.catalog.desk.views import picked
from carelane.console.forms import Filled
from carelane.kit.formatting import money_text
from carelane.kit.languages import N_, _
from carelane.messages.schemas import Content
from carelane.organizations.branding.desk.schemas import BrandingOut
from carelane.organizations.logos.schemas import LogoOut, Use
from carelane.quotes.page.queries import Money, PageRow
from carelane.quotes.page.views import LineShown, QuoteShown, show_page
from carelane.quotes.sending.views import Offer
from carelane.web.html.pages import PageContent

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
    "no-logo": N_("The logo is removed."),
}
# To whom a mail is that nobody gets.
NOBODY = "patient@care.example"
# Of what is only looked at: nothing in it works, and it belongs to no site.
PAGE_POLICY = (
    "sandbox; default-src 'none'; style-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
)
_PRICE_CENTS = 15_900


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


def mail_policy(base: str) -> str:
    """The same for a mail, whose looks stand in it, and whose picture is where addresses of ours begin."""
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(base))
    return PAGE_POLICY.replace("style-src 'self'", f"style-src 'unsafe-inline'; img-src {origin}")


def sample_offer(form: Filled) -> Offer:
    return Offer(
        clinic=_clinic(form),
        first_name=_("Marisol"),
        message=None,
        url="https://clinic.example/q/sample",
        expires_at=None,
        timezone="UTC",
    )


def sample_quote(form: Filled, branding: BrandingOut) -> PageContent:
    """As the page of a real one, of nobody."""
    price = money_text(_PRICE_CENTS, "USD")
    line = LineShown(name=_("What it is for"), description=None, count=None, discount=None, amount=price)
    quote = QuoteShown(
        title=_("Your quote"),
        description=None,
        terms=None,
        status="SENT",
        revision=1,
        lines=[line],
        subtotal=price,
        discount=None,
        tax=money_text(0, "USD"),
        total=price,
        currency="USD",
        open_until=None,
        answered_at=None,
    )
    row = _row_of(_clinic(form), branding.logo.url.rpartition("/")[2] if branding.logo else None)
    content = show_page("", row, "open", quote)
    return msgspec.structs.replace(content, headers={"Content-Security-Policy": PAGE_POLICY})


def plain_mail(mail: Content) -> PageContent:
    """As mail programs show one without looks."""
    values: dict[str, object] = {"subject": mail.subject, "text": mail.text, "clinic": None}
    return PageContent("mail_preview.html", values, headers={"Content-Security-Policy": PAGE_POLICY})


def _row_of(clinic: str, logo: str | None) -> PageRow:
    money = Money(
        can_be_paid=True,
        outstanding_cents=_PRICE_CENTS,
        is_void=False,
        is_test=False,
        paid_cents=0,
        refunded_cents=0,
        paid_at=None,
        is_pending=False,
    )
    return PageRow(
        id=UUID(int=0),
        patient_id=UUID(int=0),
        status="SENT",
        currency="USD",
        subtotal_cents=_PRICE_CENTS,
        discount_cents=0,
        tax_cents=0,
        total_cents=_PRICE_CENTS,
        texts=None,
        requires_verification=False,
        revision=1,
        link_version=1,
        verification_unlocks_at=None,
        is_closed=False,
        expires_at=None,
        responded_at=None,
        organization_name=clinic,
        logo=logo,
        location_name=None,
        clinic_phone=None,
        timezone="UTC",
        last_name=None,
        date_of_birth=None,
        phone_number=None,
        money=money,
        lines=[],
    )


def _clinic(form: Filled) -> str:
    return form.get("name").strip() or _("The clinic")


def choices(parts: list[PartOut], chosen: str) -> list[tuple[str, str]]:
    return [("", _("None")), *((str(one.id), one.name) for one in picked(parts, [chosen]))]
