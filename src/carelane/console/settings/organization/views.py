"""The clinic's settings in words."""

from carelane.clinic.organization.schemas import OrganizationSettingsOut, RetentionOut
from carelane.console.forms import Filled
from carelane.kit import languages
from carelane.kit.languages import N_, _, ngettext

LABELS = {
    "name": N_("Name"),
    "casePrefix": N_("Case numbers begin with"),
    "caseType": N_("Kind of cases"),
    "currency": N_("Currency"),
    "answerWithinHours": N_("Answer within hours"),
    "language": N_("Patients are written in"),
    "assignmentPolicy": N_("Who gets a new case"),
    "validationProfile": N_("What is checked when cases and orders come in"),
    "notificationEmails": N_("Mail about new cases goes to"),
    "storefrontOrigins": N_("Storefronts that may call from a browser"),
    "requestsPerMinute": N_("Requests a minute, at most"),
}
_POLICIES = (
    ("none", N_("Nobody, it waits in the queue")),
    ("round_robin", N_("One clinician after the other")),
    ("least_loaded", N_("Whoever has the fewest cases")),
)
_PROFILES = (
    ("compat", N_("What the vendors' own systems accept")),
    ("strict", N_("Strict: doubtful input is refused")),
)
_KEPT = {
    "CARELANE_KEEP_DELIVERIES_DAYS": N_("Webhook deliveries that arrived"),
    "CARELANE_KEEP_FAILED_DELIVERIES_DAYS": N_("Webhook deliveries that were given up"),
    "CARELANE_KEEP_ATTEMPTS_DAYS": N_("Calls to pharmacies and tries to deliver"),
    "CARELANE_KEEP_CALLBACKS_DAYS": N_("Pharmacies' callbacks that were applied"),
    "CARELANE_KEEP_NOTIFICATIONS_DAYS": N_("What mails said"),
    "CARELANE_KEEP_MESSAGES_DAYS": N_("The rest of a message"),
    "CARELANE_KEEP_ENDED_CARTS_DAYS": N_("Carts that ended"),
}


def filled(settings: OrganizationSettingsOut) -> Filled:
    return Filled.of(
        name=settings.name,
        casePrefix=settings.case_prefix,
        caseType=settings.case_type,
        currency=settings.currency,
        answerWithinHours=settings.answer_within_hours,
        language=settings.language,
        assignmentPolicy=settings.assignment_policy,
        validationProfile=settings.validation_profile,
        notificationEmails="\n".join(settings.notification_emails),
        storefrontOrigins="\n".join(settings.storefront_origins),
        requestsPerMinute=settings.requests_per_minute,
        version=settings.version,
    )


def words() -> dict[str, list[tuple[str, str]]]:
    """What can be picked, by the field's name."""
    return {
        "assignmentPolicy": [(value, _(text)) for value, text in _POLICIES],
        "language": list(languages.choices().items()),
        "validationProfile": [(value, _(text)) for value, text in _PROFILES],
    }


def labels() -> dict[str, str]:
    return {name: _(text) for name, text in LABELS.items()}


def kept(retention: list[RetentionOut]) -> list[tuple[str, str, str]]:
    """What, how long, and which setting says so."""
    return [
        (_(_KEPT[one.setting]) if one.setting in _KEPT else one.what, _days(one.days), one.setting) for one in retention
    ]


def _days(days: int) -> str:
    return ngettext("%(num)d day", "%(num)d days", days) % {"num": days} if days else _("for good")
