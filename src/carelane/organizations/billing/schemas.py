"""A clinic in the billing dialect."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

NoneYet = Annotated[list[str], Meta(max_length=0)]


class PublicTenantOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`PublicTenant`. Members with a value of their own say how the vendor's own screens and features are set, which are not here:
    no pages are turned off, no modules bought, no fees passed on."""

    name: str
    sub_domain: str
    home_page: str
    # Of the clinic's first location that has one.
    phone_number: str
    # Of our own; empty where the clinic has none.
    logo_url: str = ""
    manual_invoice_text: str = ""
    slogan: str | None = None
    provider_deactivated_pages: NoneYet = []
    patient_deactivated_pages: NoneYet = []
    enabled_modules: NoneYet = []
    hide_patient_payment_plans: bool = False
    pass_fee_to_patient: bool = False
    required_patient_fields: NoneYet = []
    self_scheduling_redirect_url: str | None = None
    allow_multiple_bookings_for_different_appointments: bool = False
    max_self_schedule_services: int = 1
    mail_domain: str | None = None
    mail_receiving_enabled: bool = False
    create_credit_from_booking_fee: bool = False
    service_display_mode: Literal["GRID"] = "GRID"
    receipt_logo_url: str | None = None
    google_tag_manager_id: str | None = None
