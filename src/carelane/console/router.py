"""All pages of the console. Every form is read and proven ours before its handler runs, so no handler can forget it."""

from typing import Any

from litestar import Request, Response, Router
from litestar.di import Provide

from carelane.console import access, assets
from carelane.console.account.routes import routes as account
from carelane.console.audit.routes import routes as audit
from carelane.console.billing.accounts.routes import routes as billing_accounts
from carelane.console.billing.books.routes import routes as billing_books
from carelane.console.billing.charges.routes import routes as billing_charges
from carelane.console.billing.disputes.routes import routes as billing_disputes
from carelane.console.billing.exports.routes import routes as billing_exports
from carelane.console.billing.invoices.routes import routes as billing_invoices
from carelane.console.billing.lists.routes import routes as billing_lists
from carelane.console.billing.offers.routes import routes as billing_carts
from carelane.console.billing.plans.routes import routes as billing_plans
from carelane.console.billing.quotes.edit.routes import routes as quote_edit
from carelane.console.billing.quotes.routes import routes as billing_quotes
from carelane.console.billing.routes import routes as billing
from carelane.console.cases.acts.routes import routes as acts
from carelane.console.cases.decision.routes import routes as decision
from carelane.console.cases.ordering.routes import routes as ordering
from carelane.console.cases.routes import routes as cases
from carelane.console.catalog.branding.routes import routes as branding
from carelane.console.catalog.bundles.routes import routes as bundles
from carelane.console.catalog.codes.routes import routes as codes
from carelane.console.catalog.drugs.routes import routes as drugs
from carelane.console.catalog.forms.routes import routes as asked
from carelane.console.catalog.locations.routes import routes as locations
from carelane.console.catalog.products.routes import routes as products
from carelane.console.catalog.taxes.routes import routes as taxes
from carelane.console.drafts.routes import routes as drafts
from carelane.console.failures import answer_error
from carelane.console.forms import Form, read_form
from carelane.console.home.routes import routes as home
from carelane.console.mails.routes import routes as mails
from carelane.console.orders.order.routes import routes as order
from carelane.console.orders.routes import routes as orders
from carelane.console.passwords.routes import routes as passwords
from carelane.console.patients.routes import routes as patients
from carelane.console.payments.routes import routes as payments
from carelane.console.people.hours.routes import routes as hours
from carelane.console.people.member.routes import routes as member
from carelane.console.people.routes import routes as people
from carelane.console.queue.routes import routes as queue
from carelane.console.reports.routes import routes as reports
from carelane.console.search.routes import routes as search
from carelane.console.settings.credentials.routes import routes as credentials
from carelane.console.settings.fees.routes import routes as fees
from carelane.console.settings.file.routes import routes as organization_file
from carelane.console.settings.gateway.routes import routes as gateway
from carelane.console.settings.organization.routes import routes as organization
from carelane.console.settings.pharmacies.routes import routes as pharmacies
from carelane.console.settings.webhooks.deliveries.routes import routes as deliveries
from carelane.console.settings.webhooks.routes import routes as webhooks
from carelane.console.signin.routes import entry_routes
from carelane.console.signin.routes import routes as leaving
from carelane.console.templating.routes import routes as templating
from carelane.settings import Settings
from carelane.web.html.pages import see_other
from carelane.web.html.routes import PageRoutes
from carelane.web.parameters import refuse_unknown

__all__ = ["answer_error", "is_ours", "routers"]

_SIGNED_IN = (
    home, leaving, account, people, queue, cases, acts, drafts, decision, ordering, orders, order, payments, patients, search,
    templating, products, bundles, asked, codes, taxes, locations, drugs, organization, credentials, organization_file,
    webhooks, deliveries, audit, billing, billing_accounts, billing_books, billing_carts, billing_charges, billing_disputes,
    billing_exports, billing_invoices, billing_lists, billing_plans, billing_quotes, member, branding, reports, mails, pharmacies,
    gateway, fees, hours, quote_edit,
)  # fmt: skip
_OPEN = (entry_routes, passwords)
_FORM = "form"

root = PageRoutes()


def is_ours(path: str) -> bool:
    """All addresses of the console, including those that lead nowhere."""
    return path == access.PATH or path.startswith(f"{access.PATH}/")


@root.get("/")
async def get_root() -> Response[Any]:
    """Where mails and people begin."""
    return see_other(access.PATH)


def routers(settings: Settings) -> list[Router]:
    return [
        _router([handler for routes in _SIGNED_IN for handler in routes.handlers], access.require_session, settings),
        _router([handler for routes in _OPEN for handler in routes.handlers], access.let_anybody_in, settings),
        Router(
            "/", route_handlers=[*root.handlers, *assets.routes.handlers], exception_handlers={Exception: answer_error}
        ),
    ]


def _router(handlers: list[Any], guard: Any, settings: Settings) -> Router:
    return Router(
        "/",
        route_handlers=handlers,
        guards=[guard, refuse_unknown],
        before_request=_prove,
        dependencies={"form": Provide(_form, sync_to_thread=False)},
        exception_handlers={Exception: answer_error},
        request_max_body_size=settings.max_body_bytes,
    )


async def _prove(request: Request[Any, Any, Any]) -> None:
    if request.method == "POST":
        request.scope["state"][_FORM] = await read_form(request, request.app.state.services)


def _form(request: Request[Any, Any, Any]) -> Form:
    return request.scope["state"][_FORM]  # type: ignore[no-any-return]
