"""/user/patient/table, ids, search, list, external-id-exists."""

from datetime import datetime
from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter

from carelane.kit.errors import FieldProblem, InvalidRequestError
from carelane.patients.billing.schemas import BillingPatientOut, PatientWithMembershipsOut
from carelane.patients.billing.search import reads
from carelane.patients.billing.search.schemas import (
    MAX_IDS,
    MAX_NAMED,
    MAX_SEARCHED,
    SEARCHED,
    Choices,
    Dates,
    Flags,
    PatientsOut,
    SortBy,
    Words,
    read_filters,
)
from carelane.services import Services
from carelane.web.paging import MAX_WORD_CHARACTERS, PAGE, PER_PAGE, Direction, names, page_of, word
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Patients")

# The parameters that the table and the list of ids have in common.
SortedBy = Annotated[SortBy | None, QueryParameter(description="Usually `created_date`")]
SortDirection = Annotated[Direction | None, QueryParameter(description="Usually `desc` by `created_date`, else `asc`")]
LocationId = Annotated[str | None, word("The primary location")]
WholeId = Annotated[str | None, word("The id, whole")]
ExternalId = Annotated[str | None, word("The external id, whole")]
NamePart = Annotated[str | None, word("A part of first and last name, in any case")]
EmailPart = Annotated[str | None, word("A part of the e-mail address, in any case")]
PhonePart = Annotated[str | None, word("Digits that follow each other in it")]
BirthDates = Annotated[
    list[str] | None, QueryParameter(max_items=2, description="YYYY-MM-DD: the day, or the first and the last")
]
CreatedDates = Annotated[
    list[datetime] | None,
    QueryParameter(max_items=2, description="From this moment on; or from the first to the second"),
]
TagIds = Annotated[list[str] | None, names("Who has one of these tags")]
LocationIds = Annotated[list[str] | None, names("One of these primary locations")]
LeadSources = Annotated[list[str] | None, names("One of these")]
Zone = Annotated[str | None, word("Zone of a `created_date` without offset; else UTC")]
OptedOut = Annotated[Flags | None, names("Opt-outs are not kept: nobody has opted out")]
Blacklisted = Annotated[Flags | None, names("`true` or `false`")]


@routes.get("/user/patient/table", "List patients")
async def get_patient_table(
    request: ActorRequest,
    services: NamedDependency[Services],
    sort_by: SortedBy = None,
    sort_direction: SortDirection = None,
    location_id: LocationId = None,
    id: WholeId = None,  # noqa: A002 - the parameter's name
    external_id: ExternalId = None,
    name: NamePart = None,
    email: EmailPart = None,
    phone_number: PhonePart = None,
    date_of_birth: BirthDates = None,
    created_date: CreatedDates = None,
    tag_ids: TagIds = None,
    location_ids: LocationIds = None,
    lead_source: LeadSources = None,
    tz: Zone = None,
    opted_out_of_sms: OptedOut = None,
    on_scheduling_blacklist: Blacklisted = None,
    page: Annotated[int | None, PAGE] = None,
    per_page: Annotated[int | None, PER_PAGE] = None,
) -> PatientsOut:
    """The patients who fit all filters, without archived ones; who lacks the value sorted by comes last."""
    filters = read_filters(
        request.auth.organization_id,
        Words(id, external_id, name, email, phone_number),
        Choices(location_id, location_ids, tag_ids, lead_source, on_scheduling_blacklist, opted_out_of_sms),
        Dates(date_of_birth, created_date, tz),
        (sort_by, sort_direction),
    )
    return await reads.list_patients(services, request.auth, filters, page_of(page, per_page))


@routes.get("/user/patient/ids", "List patients' ids")
async def get_patient_ids(
    request: ActorRequest,
    services: NamedDependency[Services],
    sort_by: SortedBy = None,
    sort_direction: SortDirection = None,
    location_id: LocationId = None,
    id: WholeId = None,  # noqa: A002 - the parameter's name
    external_id: ExternalId = None,
    name: NamePart = None,
    email: EmailPart = None,
    phone_number: PhonePart = None,
    date_of_birth: BirthDates = None,
    created_date: CreatedDates = None,
    tag_ids: TagIds = None,
    location_ids: LocationIds = None,
    lead_source: LeadSources = None,
    tz: Zone = None,
    opted_out_of_sms: OptedOut = None,
    on_scheduling_blacklist: Blacklisted = None,
    page: Annotated[int | None, PAGE] = None,
    per_page: Annotated[int | None, QueryParameter(ge=1, le=MAX_IDS, description=f"Without it {MAX_IDS}")] = None,
) -> list[str]:
    """The ids of the patients whom the table would show; as many as a page may have, unless asked for fewer."""
    filters = read_filters(
        request.auth.organization_id,
        Words(id, external_id, name, email, phone_number),
        Choices(location_id, location_ids, tag_ids, lead_source, on_scheduling_blacklist, opted_out_of_sms),
        Dates(date_of_birth, created_date, tz),
        (sort_by, sort_direction),
    )
    return await reads.list_patient_ids(services, request.auth, filters, page_of(page, per_page or MAX_IDS))


@routes.get("/user/patient/search", "Search patients")
async def search_patients(
    request: ActorRequest,
    services: NamedDependency[Services],
    search_term: Annotated[
        str | None, word("Words of the name, e-mail address, telephone number, ids or date of birth")
    ] = None,
    n: Annotated[int | None, QueryParameter(ge=1, le=MAX_SEARCHED, description="At most so many")] = SEARCHED,
) -> list[PatientWithMembershipsOut]:
    """Patients in whom all words are found: who is called exactly so, then the newest. Archived ones are left out."""
    return await reads.search_patients(services, request.auth, search_term or "", n or SEARCHED)


@routes.get("/user/patient/list", "Get patients by ids")
async def list_patients_by_ids(
    request: ActorRequest,
    services: NamedDependency[Services],
    patient_ids: Annotated[
        list[str] | None, QueryParameter(max_items=MAX_NAMED, description=f"May be repeated, {MAX_NAMED} times")
    ] = None,
) -> list[BillingPatientOut]:
    """The patients of these ids, in this order, archived ones too. Who is not there is left out."""
    return await reads.list_patients_by_refs(services, request.auth, patient_ids or [])


@routes.get("/user/patient/external-id-exists/{external_id:str}", "Whether a patient has an external id")
async def external_id_exists(
    request: ActorRequest,
    services: NamedDependency[Services],
    external_id: Annotated[str, PathParameter(max_length=MAX_WORD_CHARACTERS, description="The external id, whole")],
) -> bool:
    """Whether any patient has it, archived or not."""
    if "\0" in external_id:
        raise InvalidRequestError(problems=[FieldProblem("external_id", "expected no character U+0000", "path")])
    return await reads.has_external_id(services, request.auth, external_id)
