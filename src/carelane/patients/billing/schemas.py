"""A patient in the billing dialect, and the rules its values must keep."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from carelane.kit import clock
from carelane.kit.emails import is_email
from carelane.kit.errors import FieldProblem
from carelane.kit.ids import RecordName
from carelane.kit.money import MAX_CENTS
from carelane.kit.names import is_visible
from carelane.kit.phi import Phi
from carelane.kit.phones import LEAST_DIGITS, MOST_DIGITS, digits_of, is_e164, is_possible_number
from carelane.kit.us_addresses import has_us_mail
from carelane.patients.schemas import MAX_AGE_YEARS, Line, Name, is_birth_date, us_doubts
from carelane.patients.tags.schemas import TagOut

UserType = Literal["PROVIDER", "PATIENT", "ASSISTANT"]
PatientSource = Literal[
    "SELF_SCHEDULING",
    "CALL",
    "TEXT",
    "MANUALLY_CREATED",
    "UPLOADED_FROM_FILE",
    "FORM",
    "SEED_DATA",
    "DEMO",
    "EXTERNAL_INTEGRATION",
    "OTHER",
]


class BillingPatientOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`PatientSummary`: a patient as every cart, quote and charge shows it. The members after
    `preferred_provider_id` are younger than the seed."""

    id: str
    type: UserType
    created_date: datetime
    first_name: str | None
    last_name: str | None
    phone_number: str | None
    email: str | None
    location_id: str | None
    external_id: str | None
    address: str | None
    address_line_two: str | None
    city: str | None
    state: str | None
    zip_code: str | None
    country: str | None
    address_valid: bool | None
    meta: dict[str, Any] | None
    is_archived: bool | None
    primary_location_id: str | None
    gender: str | None
    date_of_birth: date | None
    patient_medications: list[str] | None
    on_scheduling_blacklist: bool | None
    surcharge_disabled: bool | None
    tags: list[TagOut] | None
    credit_balance: int | None
    preferred_provider_id: str | None
    pronouns: str | None
    preferred_name: str | None
    patient_source: PatientSource | None
    lead_source: str | None
    dosespot_patient_id: str | None = None


# What needs memberships, measurements, text messages' opt-outs and e-prescribing: none of it is here yet.
NoneYet = Annotated[list[dict[str, Any]], Meta(max_length=0)]


class PatientWithMembershipsOut(BillingPatientOut, rename="camel", frozen=True, kw_only=True):
    """`PatientSummaryWithMemberships`: a patient who was searched for."""

    memberships: NoneYet = []


class PatientRowOut(PatientWithMembershipsOut, rename="camel", frozen=True, kw_only=True):
    """`PatientTable`: a patient as the table shows it. `total_spent` is what was paid, in the organization's currency; the last
    appointment is the latest that has begun."""

    goal_weight: float | None
    measurements: NoneYet = []
    medications: NoneYet = []
    opted_out_of_sms: bool = False
    appointment_count: int
    total_spent: int
    primary_location_name: str | None
    last_appointment_date: datetime | None


class HealthFieldOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`DynamicHealthField`."""

    field_id: str
    values: list[str]
    type: str


class PatientChartOut(PatientWithMembershipsOut, rename="camel", frozen=True, kw_only=True):
    """`PatientChart`: a patient asked for alone, with what is known of the health; `health_data` says it once more, by fields."""

    allergies: list[str] | None
    family_history: list[str] | None
    medical_history: list[str] | None
    prescriptions: list[str] | None
    goal_weight: float | None
    measurements: NoneYet = []
    medications: NoneYet = []
    opted_out_of_sms: bool = False
    appointment_count: int
    total_spent: int
    health_data: dict[str, HealthFieldOut]
    profile_picture_url: str | None = None


Word = Annotated[str, Meta(max_length=100)]
Code = Annotated[str, Meta(min_length=1, max_length=200)]
Entry = Annotated[str, Meta(max_length=500)]
Entries = Annotated[list[Entry], Meta(max_length=200)]
Cents = Annotated[int, Meta(ge=0, le=MAX_CENTS)]

MAX_META_BYTES = 20_000
MAX_META_DEPTH = 32
MAX_PATIENTS = 100
# Steps of the paths beside `/user/patient/{patient_id}`: a patient of such a name could not be asked for.
RESERVED_NAMES = frozenset(
    {
        "archive",
        "create",
        "external-id-exists",
        "find-duplicates",
        "ids",
        "list",
        "merge-duplicates",
        "search",
        "table",
        "tags",
    }
)


class BillingPatientPatch(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`PatientUpdate`. What is absent or null stays as it is; lists and `meta` replace what there was."""

    first_name: Name | None = None
    last_name: Name | None = None
    external_id: Code | None = None
    email: Annotated[str, Meta(max_length=320)] | None = None
    phone_number: Annotated[str, Meta(max_length=50)] | None = None
    address: Line | None = None
    address_line_two: Line | None = None
    city: Name | None = None
    state: Name | None = None
    zip_code: Annotated[str, Meta(max_length=20)] | None = None
    country: Name | None = None
    address_valid: bool | None = None
    meta: dict[str, Any] | None = None
    primary_location_id: Code | None = None
    date_of_birth: date | None = None
    patient_medications: Entries | None = None
    allergies: Entries | None = None
    family_history: Entries | None = None
    medical_history: Entries | None = None
    prescriptions: Entries | None = None
    gender: Word | None = None
    pronouns: Word | None = None
    preferred_name: Annotated[str, Meta(max_length=255)] | None = None
    goal_weight: Annotated[float, Meta(ge=0, le=100_000)] | None = None
    lead_source: Code | None = None
    patient_source: PatientSource | None = None
    on_scheduling_blacklist: bool | None = None
    surcharge_disabled: bool | None = None
    credit_balance: Cents | None = None
    preferred_provider_id: Code | None = None


class BillingPatientIn(BillingPatientPatch, rename="camel", frozen=True, kw_only=True):
    """`PatientCreate`. All of it may come later."""

    id: RecordName | None = None
    type: Literal["PATIENT"] | None = None
    # Of the vendor's own accounts; taken and not kept.
    firebase_uid: Code | None = None


class ArchivePatientsIn(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`UpdatePatientArchivedStatus`. With `isArchived` false the patients are taken back."""

    patient_ids: Annotated[list[RecordName], Meta(min_length=1, max_length=MAX_PATIENTS)]
    is_archived: bool = True


def broken_rules(body: BillingPatientPatch) -> Iterator[FieldProblem]:
    """Values no profile accepts. The text says what would be accepted and never repeats the value."""
    if isinstance(body, BillingPatientIn):
        yield from _broken_when_new(body)
    blank = {"firstName": body.first_name, "lastName": body.last_name, "gender": body.gender}
    for field, text in blank.items():
        if text is not None and not text.strip():
            yield FieldProblem(field, "expected a word, not blank")
    if body.email is not None and not is_email(body.email):
        yield FieldProblem("email", "expected an e-mail address such as name@example.com")
    if body.phone_number is not None and not LEAST_DIGITS <= len(digits_of(body.phone_number)) <= MOST_DIGITS:
        yield FieldProblem("phoneNumber", f"expected {LEAST_DIGITS} to {MOST_DIGITS} digits, such as +12125550123")
    if body.date_of_birth is not None and body.date_of_birth > clock.now().date():
        yield FieldProblem("dateOfBirth", "expected a date that is not in the future")
    if body.meta is not None:
        yield from meta_problems(body.meta)


def _broken_when_new(body: BillingPatientIn) -> Iterator[FieldProblem]:
    if body.id in RESERVED_NAMES:
        yield FieldProblem("id", f"expected none of {', '.join(sorted(RESERVED_NAMES))}")


def meta_problems(meta: dict[str, Any]) -> Iterator[FieldProblem]:
    """Of what a caller keeps with a record of ours."""
    if _is_deeper(meta, MAX_META_DEPTH):
        yield FieldProblem("meta", f"expected at most {MAX_META_DEPTH} levels")
    elif len(msgspec.json.encode(meta)) > MAX_META_BYTES:
        yield FieldProblem("meta", f"expected at most {MAX_META_BYTES} bytes of JSON")


def _is_deeper(value: Any, levels: int) -> bool:
    if not isinstance(value, dict | list):
        return False
    inner = value.values() if isinstance(value, dict) else value
    return levels == 0 or any(_is_deeper(item, levels - 1) for item in inner)


def doubts(body: BillingPatientPatch) -> Iterator[FieldProblem]:
    """Well-formed values that cannot be right: taken in `compat`, refused in `strict`."""
    for field, name in {"firstName": body.first_name, "lastName": body.last_name}.items():
        if name is not None and not is_visible(name):
            yield FieldProblem(field, "expected a name that can be read")
    if body.phone_number is not None and not (is_e164(body.phone_number) and is_possible_number(body.phone_number)):
        yield FieldProblem("phoneNumber", "expected a possible telephone number in E.164, such as +12125550123")
    if body.date_of_birth is not None and not is_birth_date(body.date_of_birth):
        yield FieldProblem("dateOfBirth", f"expected a date at most {MAX_AGE_YEARS} years ago")
    if has_us_mail(body.country):
        yield from us_doubts(body.state, body.zip_code, "", "zipCode")
