"""The headers of pages, and whether a browser's request comes from a page of ours."""

from typing import Any

from litestar.connection import ASGIConnection

from carelane.kit.errors import CarelaneError

AnyConnection = ASGIConnection[Any, Any, Any, Any]

# For pages with our script. Nothing inline runs, and nothing is loaded from another host.
STRICT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
    " form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
# For pages that need no script: none can run, not even one of ours.
SCRIPTLESS_POLICY = "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

# For pages that are the same for everybody: they may have inline styles, and caches may keep them.
PUBLIC_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
# For every page about a person.
PAGE_HEADERS = {
    "Content-Security-Policy": SCRIPTLESS_POLICY,
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class ForeignFormError(CarelaneError):
    """Form of another site"""

    # The browser says that another site's page sent it, or its token is not the one that we put into the form.
    status = 403
    code = "FOREIGN_FORM"


def with_form_target(policy: str, origin: str) -> str:
    """For a page whose form leads to another origin in the end: Chromium checks redirects of forms too."""
    return policy.replace("form-action 'self'", f"form-action 'self' {origin}")


def with_pictures(policy: str) -> str:
    """For a page that shows a picture of ours. Others ask for none, not even for an icon that is not there."""
    return policy.replace("style-src 'self'", "style-src 'self'; img-src 'self'")


def may_act(connection: AnyConnection, *, if_no_page: bool) -> bool:
    """Whether the request changes nothing, or the browser says that a page of ours sent it.

    `if_no_page` is the answer when no page is known to have sent it: the person did ("none": the address bar, a restored tab),
    or the browser does not say (before 2023), or it is another program.
    """
    if connection.scope.get("method") in _SAFE_METHODS:
        return True
    site = connection.headers.get("sec-fetch-site", "none")
    return if_no_page if site == "none" else site == "same-origin"
