"""One router for each page of the vendor's documentation, all under /api/v1."""

from collections.abc import Sequence

from litestar import Router
from litestar.types import ControllerRouterHandler

from carelane.calendar.routes import routes as calendar
from carelane.case_detail.listing.routes import routes as case_list
from carelane.case_detail.routes import routes as case_detail
from carelane.cases.dynamic.routes import form_routes as dynamic_forms
from carelane.cases.dynamic.routes import legacy_routes as legacy
from carelane.cases.dynamic.routes import routes as dynamic_cases
from carelane.cases.overview.routes import routes as latest_case
from carelane.cases.routes import routes as cases
from carelane.cases.storefront.routes import routes as case_products
from carelane.catalog.routes import product_routes as products
from carelane.catalog.routes import routes as bundles
from carelane.patients.users.routes import routes as users
from carelane.payments.confirmations.routes import routes as confirmations
from carelane.payments.storefront.routes import legacy_routes as legacy_payments
from carelane.payments.storefront.routes import routes as payments
from carelane.payments.storefront.routes import setup_routes as payment_setup
from carelane.portal.carried.routes import routes as portal_carried
from carelane.portal.files.routes import routes as portal_files
from carelane.portal.files.routes import upload_routes as portal_uploads
from carelane.portal.messages.routes import routes as portal_messages
from carelane.portal.profile.routes import routes as portal_profile
from carelane.portal.sign_in.routes import routes as portal_sign_in
from carelane.promo_codes.routes import routes as promo_codes
from carelane.settings import Settings
from carelane.surfaces.care import case_actions, user_actions
from carelane.surfaces.care.credentials import (
    require_key,
    require_key_anywhere,
    require_key_within_limit,
    require_patient,
    require_token_or_key,
)
from carelane.surfaces.care.formats import (
    BUNDLES,
    CALENDAR,
    CASE_ACTIONS,
    CASE_DETAIL,
    CASE_LIST,
    CASE_PRODUCTS,
    CONFIRMATIONS,
    CREATE_CASE,
    DYNAMIC_CASE,
    DYNAMIC_FORM,
    EVENTS,
    LATEST_CASE,
    PATIENT_PORTAL,
    PAYMENT_SETUP,
    PORTAL,
    PROMO_CODES,
    USERS,
)
from carelane.surfaces.routers import Guard, in_format, make_router
from carelane.web.errors import ErrorFormat
from carelane.webhooks.routes import routes as events


def routers(settings: Settings) -> list[Router]:
    def page(
        error_format: ErrorFormat,
        guard: Guard,
        handlers: Sequence[ControllerRouterHandler],
        max_bytes: int = settings.max_body_bytes,
    ) -> Router:
        return make_router("/api/v1", error_format, handlers, guard=guard, max_bytes=max_bytes)

    return [
        page(
            CREATE_CASE,
            require_token_or_key,
            [*cases.handlers, *in_format(CASE_LIST, case_list.handlers)],
            settings.max_case_body_bytes,
        ),
        page(DYNAMIC_CASE, require_key, dynamic_cases.handlers, settings.max_case_body_bytes),
        page(DYNAMIC_FORM, require_key_anywhere, dynamic_forms.handlers, settings.max_case_body_bytes),
        make_router(
            "/",
            DYNAMIC_FORM,
            [*legacy.handlers, *legacy_payments.handlers],
            guard=require_key_anywhere,
            max_bytes=settings.max_case_body_bytes,
        ),
        page(CASE_PRODUCTS, require_token_or_key, case_products.handlers, settings.max_case_body_bytes),
        page(CASE_ACTIONS, require_key, case_actions.routes.handlers),
        page(CASE_DETAIL, require_key, case_detail.handlers),
        page(PAYMENT_SETUP, require_key, payment_setup.handlers),
        page(CONFIRMATIONS, require_key, confirmations.handlers),
        page(LATEST_CASE, require_key, latest_case.handlers),
        page(EVENTS, require_key, [*payments.handlers, *events.handlers]),
        page(BUNDLES, require_key, bundles.handlers),
        page(BUNDLES, require_key, products.handlers),
        page(USERS, require_key, [*users.handlers, *user_actions.routes.handlers]),
        page(PORTAL, require_key, portal_sign_in.handlers),
        page(
            PATIENT_PORTAL,
            require_patient,
            [*portal_profile.handlers, *portal_carried.handlers, *portal_files.handlers, *portal_messages.handlers],
        ),
        page(PATIENT_PORTAL, require_patient, portal_uploads.handlers, settings.max_case_body_bytes),
        page(PROMO_CODES, require_key, promo_codes.handlers),
        page(CALENDAR, require_key_within_limit, calendar.handlers),
    ]
