"""/user/patient/find-duplicates and merge-duplicates."""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import JSONBody

from carelane.kit.errors import RuleBrokenError
from carelane.patients.billing.schemas import BillingPatientOut
from carelane.patients.duplicates import actions, reads
from carelane.patients.duplicates.schemas import DoublesOut, MergePatientIn, broken_rules
from carelane.patients.merging.errors import MergeRefusedError, PatientNotFoundError
from carelane.services import Services
from carelane.web.bodies import EitherCaseBody
from carelane.web.idempotency import read_key
from carelane.web.paging import word
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Patients", body=EitherCaseBody)


@routes.get("/user/patient/find-duplicates", "Find patients who may be the same")
async def find_duplicates(
    request: ActorRequest,
    services: NamedDependency[Services],
    fields: Annotated[
        str | None, word("Which of `name`, `email` and `phoneNumber`, separated by commas; else all of them")
    ] = None,
) -> list[DoublesOut]:
    """Of the 1,000 newest patients those who have the same as any other: the same name and birth date, e-mail address or telephone
    number, in whatever way they are written. At most 100 groups of each kind, of 20 patients; archived ones are left out."""
    return await reads.list_doubles(services, request.auth, fields)


@routes.post(
    "/user/patient/merge-duplicates",
    "Merge patients who are the same",
    errors=(RuleBrokenError, PatientNotFoundError, MergeRefusedError),
    rules=broken_rules,
    repeatable=True,
)
async def merge_duplicates(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[list[MergePatientIn]]
) -> list[BillingPatientOut]:
    """The patient `patientId` stays, and what is of those of `duplicateIds` becomes this one's: cases, carts, quotes, charges,
    payments, notes. They are archived, and their ids stand for the one who stays. All are merged or none; staff can undo each."""
    return await actions.merge_doubles(services, request.auth, data, await read_key(request))
