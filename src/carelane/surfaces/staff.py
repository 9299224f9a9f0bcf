"""Our own API for the clinic's people: a session's bearer token, or the console's cookie, and problem bodies (RFC 9457)."""

from litestar import Router
from litestar.handlers import BaseRouteHandler

from carelane.apply.routes import routes as organization_file
from carelane.audit.disclosures.routes import routes as disclosures
from carelane.audit.readers.routes import routes as readers
from carelane.audit.routes import routes as audit
from carelane.calendar.desk.routes import routes as appointments
from carelane.case_detail.chart.routes import routes as chart
from carelane.case_detail.files.routes import routes as case_files
from carelane.case_detail.routes import staff_routes as case_detail
from carelane.case_detail.timeline.routes import routes as timeline
from carelane.cases.review.bulk.routes import routes as bulk
from carelane.cases.review.leases.routes import routes as leases
from carelane.cases.review.queue.routes import routes as queue
from carelane.cases.review.routes import routes as review
from carelane.cases.review.visibility.routes import routes as visibility
from carelane.catalog.desk.routes import routes as catalog
from carelane.charges.owed.routes import routes as charges
from carelane.clinic.credentials.routes import routes as credentials
from carelane.clinic.fees.routes import routes as fees
from carelane.clinic.gateway.routes import routes as gateway_accounts
from carelane.clinic.organization.routes import routes as organization_settings
from carelane.clinic.people.availability.routes import routes as member_hours
from carelane.clinic.people.routes import routes as member_settings
from carelane.clinic.pharmacies.routes import routes as pharmacy_settings
from carelane.drafts.routes import routes as drafts
from carelane.figures.reports.routes import routes as reports
from carelane.figures.routes import routes as figures
from carelane.forms.catalog.routes import routes as forms
from carelane.kit.errors import CarelaneError, WrongCredentialError
from carelane.locations.desk.routes import routes as places
from carelane.messages.routes import routes as messages
from carelane.messages.templates.routes import routes as mail_templates
from carelane.orders.board.routes import routes as board
from carelane.orders.contents.routes import routes as contents
from carelane.orders.desk.routes import routes as desk
from carelane.orders.drafting.routes import routes as drafting
from carelane.orders.inbox.routes import staff_routes as inbox
from carelane.orders.resolving.routes import routes as resolving
from carelane.orders.stories.routes import routes as stories
from carelane.organizations.branding.desk.routes import routes as branding
from carelane.patient_detail.listing.routes import routes as patient_list
from carelane.patient_detail.routes import routes as patient_detail
from carelane.patient_detail.seen.routes import routes as patient_reads
from carelane.patients.merging.routes import routes as merging
from carelane.payments.desk.routes import routes as payments
from carelane.payments.inbox.routes import staff_routes as gateway_events
from carelane.payments.links.routes import routes as payment_links
from carelane.payments.reconciling.routes import staff_routes as findings
from carelane.payments.refunds.routes import routes as refunds
from carelane.pharmacies.drugs.routes import routes as drugs
from carelane.promo_codes.desk.routes import routes as promo_codes
from carelane.saved_views.routes import routes as saved_views
from carelane.search.routes import routes as search
from carelane.services import Services
from carelane.sessions import access
from carelane.sessions.invitations.routes import routes as invitations
from carelane.sessions.routes import entry_routes, member_routes
from carelane.sessions.routes import routes as sessions
from carelane.settings import Settings
from carelane.staff.routes import routes as members
from carelane.surfaces.routers import make_router, request_id_of
from carelane.surfaces.staff_billing import billing_handlers
from carelane.taxes.desk.routes import routes as taxes
from carelane.templates.routes import routes as templates
from carelane.web.errors import Body, ErrorFormat, problems_member
from carelane.web.html.security import AnyConnection
from carelane.web.parameters import refuse_all_unknown
from carelane.webhooks.endpoints.routes import routes as webhooks

MAX_TOKEN_CHARACTERS = 200
# Whoever signs in has said nothing of who it is yet, and a name and a password are short.
MAX_SIGN_IN_BYTES = 8_192


def _problem(error: CarelaneError, status: int, text: str, request_id: str | None) -> Body:
    """RFC 9457: `type` names the kind of problem for programs, `title` for people, `detail` is about this one."""
    body: Body = {"type": f"urn:carelane:{error.code.lower().replace('_', '-')}", "title": text, "status": status}
    if error.detail:
        body["detail"] = error.detail
    return {**body, **problems_member(error, request_id)}


STAFF = ErrorFormat(shape=_problem, security=[{"staffToken": []}], media_type="application/problem+json")
# Signing in needs no session.
OPEN = ErrorFormat(shape=_problem, media_type="application/problem+json")


# What a session opens.
_ROUTES = (
    desk,
    board,
    contents,
    resolving,
    stories,
    drafting,
    inbox,
    payments,
    refunds,
    sessions,
    members,
    member_routes,
    invitations,
    queue,
    visibility,
    leases,
    bulk,
    review,
    saved_views,
    messages,
    mail_templates,
    gateway_events,
    findings,
    merging,
    search,
    patient_list,
    patient_detail,
    patient_reads,
    webhooks,
    case_detail,
    chart,
    timeline,
    case_files,
    drafts,
    appointments,
    payment_links,
    charges,
    templates,
    figures,
    catalog,
    forms,
    promo_codes,
    taxes,
    places,
    drugs,
    organization_file,
    organization_settings,
    credentials,
    audit,
    disclosures,
    readers,
    branding,
    member_settings,
    reports,
    pharmacy_settings,
    gateway_accounts,
    fees,
    member_hours,
)


async def require_session(connection: AnyConnection, handler: BaseRouteHandler) -> None:
    """Lets in members of staff who have a session, and asks for nothing that the route does not know. The actor's permissions are
    those of the member's role."""
    token = access.presented_token(connection)
    if len(token) > MAX_TOKEN_CHARACTERS:
        raise WrongCredentialError("the token is not one of ours")
    services: Services = connection.app.state.services
    connection.scope["auth"] = await access.actor_for(services, token, "staff", request_id_of(connection))
    await refuse_all_unknown(connection, handler)


def routers(settings: Settings) -> list[Router]:
    """What a session opens, and the door to one."""
    signed_in = [*(handler for routes in _ROUTES for handler in routes.handlers), *billing_handlers()]
    return [
        make_router("/api/staff", STAFF, signed_in, guard=require_session, max_bytes=settings.max_body_bytes),
        make_router(
            "/api/staff", OPEN, entry_routes.handlers, max_bytes=min(MAX_SIGN_IN_BYTES, settings.max_body_bytes)
        ),
    ]
