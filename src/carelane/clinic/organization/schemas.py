"""The organization's settings on the wire, and their rules."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from carelane.kit.errors import FieldProblem
from carelane.kit.languages import SOURCE_LANGUAGE, choices, is_known
from carelane.kit.money import is_currency
from carelane.organizations.access import ORIGIN_EXPECTED, is_origin
from carelane.organizations.schemas import (
    MAX_ORIGINS,
    AnswerWithinHours,
    CasePrefix,
    CaseType,
    NotificationEmails,
    RequestsPerMinute,
)
from carelane.web.versions import Version


class OrganizationSettingsIn(msgspec.Struct, rename="camel", frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All of them: what is absent is as for a new organization."""

    name: Annotated[str, Meta(min_length=1, max_length=200, pattern=r"\S")]
    case_prefix: CasePrefix
    case_type: CaseType = "GLP"
    validation_profile: Literal["compat", "strict"] = "compat"
    assignment_policy: Literal["none", "round_robin", "least_loaded"] = "none"
    notification_emails: NotificationEmails = []
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$", description="an ISO 4217 code such as USD")] = "USD"
    requests_per_minute: RequestsPerMinute | None = None
    storefront_origins: Annotated[list[Annotated[str, Meta(max_length=500)]], Meta(max_length=MAX_ORIGINS)] = []
    answer_within_hours: AnswerWithinHours = 24
    language: Annotated[
        str, Meta(max_length=40, description="what patients are written in, unless it is known what they read")
    ] = SOURCE_LANGUAGE
    version: Version | None = None


class RetentionOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Set where the server runs, for all clinics on it. 0: for good."""

    setting: str
    days: int
    what: str


class OrganizationSettingsOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`requestsPerMinute` null: the server's usual. `retention` is read-only."""

    id: UUID
    tenant: str
    name: str
    case_prefix: str
    case_type: str
    validation_profile: str
    assignment_policy: str
    notification_emails: list[str]
    currency: str
    requests_per_minute: int | None
    storefront_origins: list[str]
    answer_within_hours: int
    language: str
    version: str
    updated_at: datetime
    retention: list[RetentionOut]


def broken_rules(body: OrganizationSettingsIn) -> Iterator[FieldProblem]:
    """What no type says."""
    if not is_currency(body.currency):
        yield FieldProblem("currency", "expected an ISO 4217 code such as USD")
    if not is_known(body.language):
        yield FieldProblem("language", f"expected one of {', '.join(choices())}")
    for index, origin in enumerate(body.storefront_origins):
        if not is_origin(origin):
            yield FieldProblem(f"storefrontOrigins[{index}]", ORIGIN_EXPECTED)
        elif origin in body.storefront_origins[:index]:
            yield FieldProblem(f"storefrontOrigins[{index}]", f"{origin} stands in the list before")
