"""Templates as whoever works on cases sees them: the clinic's and their own."""

from carelane import events
from carelane.cases.review.access import get_case
from carelane.kit import clock
from carelane.kit.auth import Actor
from carelane.kit.errors import FieldProblem, InvalidRequestError
from carelane.kit.ids import parse_uuid
from carelane.kit.us_addresses import is_state
from carelane.kit.us_zones import day_in
from carelane.permissions import CASES_READ, CASES_WORK, requires
from carelane.services import Services
from carelane.templates import queries
from carelane.templates.access import id_of
from carelane.templates.errors import TemplateNotFoundError
from carelane.templates.queries import CaseValues
from carelane.templates.schemas import MAX_NAME_CHARACTERS, FilledOut, Kind, TemplateOut, TemplatesOut, Variable
from carelane.templates.views import fill


@requires(CASES_WORK)
async def list_templates(
    services: Services, actor: Actor, kind: Kind | None, q: str | None, product: str | None
) -> TemplatesOut:
    """`q`: what the name, the text or a medicine holds. Raises InvalidRequestError."""
    product_id = None if product is None else parse_uuid(product)
    problems = []
    if product is not None and product_id is None:
        problems.append(FieldProblem("productId", "expected a UUID", "query"))
    if q is not None and ("\0" in q or not 0 < len(q) <= MAX_NAME_CHARACTERS):
        problems.append(FieldProblem("q", f"expected 1 to {MAX_NAME_CHARACTERS} characters", "query"))
    if problems:
        raise InvalidRequestError(problems=problems)
    async with services.db.reading(actor.organization_id) as conn:
        found = await queries.list_templates(conn, actor.organization_id, actor.id, kind, q, product_id)
    return TemplatesOut(found)


@requires(CASES_WORK)
async def get_template(services: Services, actor: Actor, ref: str) -> TemplateOut:
    """Raises TemplateNotFoundError."""
    async with services.db.reading(actor.organization_id) as conn:
        found = await queries.find_template(conn, actor.organization_id, actor.id, id_of(ref))
    if found is None:
        raise TemplateNotFoundError
    return found


@requires(CASES_READ, CASES_WORK)
async def fill_template(services: Services, actor: Actor, ref: str, case_ref: str) -> FilledOut:
    """As it would stand in a form of this case. Raises TemplateNotFoundError, CaseNotFoundError."""
    async with services.db.transaction(actor) as conn:
        found = await queries.find_template(conn, actor.organization_id, actor.id, id_of(ref))
        if found is None:
            raise TemplateNotFoundError
        case = await get_case(conn, actor, case_ref)
        values = await queries.get_values(conn, actor.organization_id, case.id, actor.id)
        await events.record_read(conn, actor, "case", case.id, "template filled in")
    return FilledOut(
        id=found.id, name=found.name, product_id=found.product_id, content=fill(found.content, _said(values))
    )


def _said(values: CaseValues) -> dict[Variable, str]:
    now, state = clock.now(), (values.state or "").strip().upper()
    day = day_in(state, now) if is_state(state) else now.date()
    return {
        "firstName": values.first_name,
        "lastName": values.last_name,
        "product": values.product,
        "clinician": values.clinician,
        "clinic": values.clinic,
        "today": f"{day:%B} {day.day}, {day.year}",
    }
