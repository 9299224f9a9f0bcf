"""Staff as the billing dialect shows them."""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

NoneYet = Annotated[list[str], Meta(max_length=0)]


class ProviderTinyOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`ProviderTiny`: who made a cart or a quote."""

    id: str
    first_name: str
    last_name: str | None
    email: str | None
    created_date: datetime | None


class RoleOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`RoleSummary`: roles are built in, so none was made on any date."""

    id: str
    name: str
    user_type: Literal["ADMIN", "PROVIDER", "USER"]
    created_date: datetime | None = None
    updated_date: datetime | None = None


class _ScreenOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """How the vendor's own screens are set for a provider: here, as it sets them for a new one."""

    has_google_calendar: bool = False
    booking_capacity: int | None = None
    show_ids: bool = False
    show_weekends_on_calendar: bool = True
    show_cancelled_appointments: bool = False
    show_messages_box: bool = True
    start_calendar_hour: int | None = None
    end_calendar_hour: int | None = None
    send_gcal_invites: bool = False
    calendar_grid_interval: int | None = 15
    appointment_time_step_minutes: int | None = None
    show_translucent_past_events: bool = True
    show_ghost_event: bool = True
    auto_sign_off_notes: bool = True
    show_deleted_providers: bool = False
    ip_blocking_exempt: bool = False
    notification_auto_mark_read: Literal["MANUAL_ONLY"] = "MANUAL_ONLY"
    onboarding_step: Literal["NOT_STARTED"] = "NOT_STARTED"
    onboarding_skipped_at: datetime | None = None


class ProviderOut(_ScreenOut, rename="camel", frozen=True, kw_only=True):
    """`ProviderSummary`, and `FirebaseProviderSummary` alike, with our own `title`, `title_suffix` and `npi`; archived is who works
    here no more. Members with a value of their own have no source here."""

    id: str
    type: Literal["PROVIDER"] = "PROVIDER"
    first_name: str
    last_name: str | None
    email: str | None
    created_date: datetime
    phone_number: str | None
    location_id: str | None = None
    external_id: str | None = None
    address: str | None
    address_line_two: str | None
    city: str | None
    state: str | None
    zip_code: str | None
    country: str | None
    address_valid: bool | None = None
    meta: dict[str, Any] | None = None
    is_archived: bool
    primary_location_id: str | None = None
    roles: list[RoleOut]
    last_active: datetime | None = None
    credentials: str | None
    bio: str | None = None
    profile_image: str | None = None
    profile_image_url: str | None = None
    national_provider_identifier: str | None
    dosespot_user_id: str | None = None
    firebase_uid: str | None = None
    visible_location_ids: NoneYet = []
    permissions: NoneYet = []
    title: str | None
    title_suffix: str | None
    npi: str | None
