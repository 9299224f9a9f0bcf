"""Pages of storefronts call from a browser: their preflights are answered, and nobody else's."""

import re
from uuid import uuid4

import httpx
import pytest

from carelane.apply.errors import InvalidFileError
from tests.own_clinic import make_clinic

PUBLIC = "/admin/locations/public"
QUOTE = "/billing/quote/public/01a20000-0000-7000-8000-00000000dead"
ALLOW, CREDENTIALS = "access-control-allow-origin", "access-control-allow-credentials"
PATHS = ["/graphql/", "/graphql", PUBLIC, QUOTE]
ELSEWHERE = [
    "/api/v1/cases",
    "/billing/cart",
    "/api/staff/sessions",
    "/oauth/token",
    "/health/live",
    "/graphqlx",
    "/q/none",
]


@pytest.fixture
async def page(server):
    """A browser: what it asks is no part of a dialect."""
    async with httpx.AsyncClient(base_url=server.url) as client:
        yield client


@pytest.fixture(scope="module")
def shop():
    return f"https://shop-{uuid4().hex[:8]}.example"


@pytest.fixture(scope="module")
async def seller(services, tmp_path_factory, shop):
    origins = [shop, "http://localhost:3000", f"{shop}:8443"]
    return await make_clinic(services, tmp_path_factory.mktemp("seller"), storefrontOrigins=origins)


@pytest.fixture(scope="module")
async def stranger(services, tmp_path_factory):
    """Another clinic, with a page of its own."""
    origin = f"https://{uuid4().hex[:8]}.example"
    return await make_clinic(services, tmp_path_factory.mktemp("other"), storefrontOrigins=[origin]), origin


def asking(origin: str, method: str = "POST") -> dict[str, str]:
    return {
        "origin": origin,
        "access-control-request-method": method,
        "access-control-request-headers": "content-type,cv-api-key,api-key,tenant",
    }


@pytest.mark.parametrize("path", PATHS)
async def test_a_preflight_of_a_storefront_is_answered_without_a_credential(page, seller, shop, path):
    for origin in (shop, f"{shop}:8443", "http://localhost:3000"):
        answer = await page.options(path, headers=asking(origin))
        assert answer.status_code == 204
        assert (answer.headers[ALLOW], answer.headers[CREDENTIALS]) == (origin, "true")
        assert {"GET", "POST"} <= set(re.split(", ?", answer.headers["access-control-allow-methods"]))
        allowed = answer.headers["access-control-allow-headers"].lower().split(", ")
        assert {"content-type", "cv-api-key", "api-key", "tenant", "authorization", "idempotency-key"} <= set(allowed)
        assert answer.headers["vary"] == "Origin"
        assert answer.headers["x-request-id"]


def allows(answer) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name.startswith("access-control-")}


async def test_to_any_other_page_nothing_is_allowed(page, seller, shop):
    others = [
        "https://evil.example", "null", "*", "", shop.upper(), f"{shop}/", f"{shop}.evil.example", f"{shop}:443",
        shop.replace("https", "http"), shop[:-1], f"https://x.{shop.removeprefix('https://')}", "http://localhost:3001",
        "https://" + "x" * 400, f"{shop} https://evil.example",
    ]  # fmt: skip
    for origin in others:
        for path in PATHS:
            for method in ("OPTIONS", "GET", "POST"):
                headers = asking(origin) if method == "OPTIONS" else {"origin": origin} | seller.billing
                assert allows(await page.request(method, path, headers=headers)) == {}, (origin, path, method)


@pytest.mark.parametrize("path", ELSEWHERE)
async def test_elsewhere_no_page_may_call(page, seller, shop, path):
    assert allows(await page.options(path, headers=asking(shop))) == {}
    assert allows(await page.get(path, headers={"origin": shop} | seller.key)) == {}


async def test_an_answer_may_be_read_on_the_pages_of_the_organization_it_is_for(page, seller, shop, stranger):
    other, others_origin = stranger
    answer = await page.get(PUBLIC, headers=seller.billing | {"origin": shop})
    assert (answer.status_code, answer.headers[ALLOW], answer.headers["vary"]) == (200, shop, "Origin")
    assert "X-Request-Id" in answer.headers["access-control-expose-headers"]
    for clinic, origin in ((seller, others_origin), (other, shop)):
        answer = await page.get(PUBLIC, headers=clinic.billing | {"origin": origin})
        assert (answer.status_code, allows(answer)) == (200, {})
        assert answer.headers["vary"] == "Origin"


async def test_a_page_may_read_why_it_was_refused(page, seller, shop):
    answer = await page.get(PUBLIC, headers={"origin": shop})
    assert (answer.status_code, answer.headers[ALLOW]) == (401, shop)
    answer = await page.head(QUOTE, headers=seller.billing | {"origin": shop})
    assert (answer.status_code, answer.headers[ALLOW]) == (404, shop)


async def test_without_a_page_nothing_changes(page, seller):
    answer = await page.get(PUBLIC, headers=seller.billing)
    assert (answer.status_code, allows(answer)) == (200, {})


@pytest.mark.parametrize(
    "origin",
    [
        "shop.example", "https://shop.example/", "https://Shop.example", "http://shop.example", "https://shop.example:443",
        "https://*.example", "*", "null", "", "https://shop.example?x", "https://me@shop.example", "https://shop.example:0",
        "https://-a.example", "https://münchen.example", "ftp://shop.example", "https://shop.example:123456",
    ],
)  # fmt: skip
async def test_what_is_no_origin_is_refused_with_its_place(services, tmp_path, origin):
    with pytest.raises(InvalidFileError) as refused:
        await make_clinic(services, tmp_path, storefrontOrigins=["https://good.example", origin])
    (problem,) = refused.value.problems
    assert problem.field == "organization.storefrontOrigins[1]"
    assert "https://shop.example" in problem.problem


async def test_an_origin_stands_once(services, tmp_path):
    with pytest.raises(InvalidFileError):
        await make_clinic(services, tmp_path, storefrontOrigins=["https://a.example", "https://a.example"])
