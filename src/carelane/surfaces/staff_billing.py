"""Money in the staff API: what the billing dialect has already is hung in with its own handlers, in the dialect's words."""

from collections.abc import Iterator
from copy import copy

from litestar.handlers import HTTPRouteHandler

from carelane.bills.invoices.routes import routes as invoices
from carelane.bills.links.routes import routes as payment_links
from carelane.carts.routes import routes as carts
from carelane.charges.adjusting.routes import routes as adjusting
from carelane.charges.changing.routes import routes as charge_changes
from carelane.charges.desk.routes import routes as charges
from carelane.payments.books.routes import routes as books
from carelane.payments.credits.routes import routes as patient_credits
from carelane.payments.credits.routes import staff_routes as all_credits
from carelane.payments.disputes.routes import routes as disputes
from carelane.payments.exports.routes import routes as exports
from carelane.payments.listing.routes import routes as payment_table
from carelane.payments.plans.routes import routes as plans
from carelane.payments.plans.routes import staff_routes as plan_preview
from carelane.payments.saved.routes import routes as cards
from carelane.payments.till.routes import routes as till
from carelane.quotes.routes import cart_routes as cart_conversion
from carelane.quotes.routes import routes as quotes
from carelane.quotes.routes import staff_routes as quote_editing
from carelane.quotes.sending.routes import routes as quote_sending
from carelane.web.routes import Routes

TAG = "Staff: billing"
# Of the dialect: what the console's pages do, and nothing else.
_HUNG: tuple[tuple[Routes, frozenset[str]], ...] = (
    (adjusting, frozenset({"create_adjustment"})),
    (charge_changes, frozenset({"archive_charge"})),
    (payment_table, frozenset({"list_payment_table"})),
    (till, frozenset({"create_cash_payment", "create_patient_credit_payment"})),
    (plans, frozenset({"create_payment_plan_with_charges", "cancel_payment_plan"})),
    (cards, frozenset({"list_payment_methods"})),
    (
        patient_credits,
        frozenset({"list_patient_credits", "get_available_credit", "create_patient_credit", "delete_patient_credit"}),
    ),
    (
        carts,
        frozenset({"create_cart", "list_carts", "get_cart", "add_cart_item", "change_cart_item", "remove_cart_item"}),
    ),
    (cart_conversion, frozenset({"convert_cart_to_charge"})),
    (quotes, frozenset({"create_quote", "list_quotes", "get_quote", "convert_quote_to_charge"})),
    (quotes, frozenset({"update_quote", "add_quote_item", "update_quote_item", "remove_quote_item"})),
    (quote_sending, frozenset({"send_quote"})),
    (payment_links, frozenset({"list_payment_links"})),
    (invoices, frozenset({"create_invoice", "list_invoice_table", "send_invoice_now", "retry_invoice_send"})),
)
_OF_PATIENT = "/user/patient/"


def billing_handlers() -> list[HTTPRouteHandler]:
    own = [
        handler
        for routes in (charges, plan_preview, quote_editing, books, disputes, all_credits, exports)
        for handler in routes.handlers
    ]
    return [*own, *_hung()]


def _hung() -> Iterator[HTTPRouteHandler]:
    for routes, names in _HUNG:
        for handler in routes.handlers:
            if handler.fn.__name__ in names:
                yield _for_staff(handler)


def _for_staff(handler: HTTPRouteHandler) -> HTTPRouteHandler:
    """The same handler at `/api/staff/billing/…`, known by another name."""
    copied = copy(handler)
    copied.operation_id = f"staff{str(handler.operation_id)[:1].upper()}{str(handler.operation_id)[1:]}"
    copied.tags = [TAG]
    copied.paths = {path.replace(_OF_PATIENT, "/billing/patient/") for path in handler.paths}
    copied.opt = dict(handler.opt)
    return copied
