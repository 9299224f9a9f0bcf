"""The page of docs/api/ about GraphQL: a real conversation, the limits, and the whole schema."""

from graphql import print_schema

from carelane.surfaces.graphql import answers, limits
from carelane.surfaces.graphql.routes import MAX_BODY_BYTES, MAX_QUERY_CHARACTERS
from carelane.surfaces.graphql.schema import SCHEMA
from tests.detail.asking import create_case
from tests.docs.pages import DOCS, check_printed
from tests.docs.printer import ApiPage
from tests.docs.stable import UNKNOWN_ID
from tests.graphql_api.asking import BRAND, PATH, TESTIMONIALS
from tests.review.people import employ

_ABOUT = """\
`POST /graphql/` with `query`, and where the query wants them `variables` and `operationName`. There are queries only: what changes
something is in REST.

What a storefront shows to everybody needs **no credential**: `organizationPartnerIntegrationPublicInfo`,
`organizationPublicTestimonials` and `organizationBrandInfo`, by the `linkName` that the section `branding` of
[the organization file](../howto/apply.md#branding) gives. An organization without that section is shown to nobody.

Everything else needs a member's session token or a client's access token in `Authorization: Bearer`, or a key in `cv-api-key`:
`caseById`, `caseTreatments` and `cases` the permission `cases:read`, as in REST; `allOrganizations` any credential, and it lists one's
own alone. So does introspection. Each case that somebody sees is recorded. A credential that is wrong is 401 even for what is public.

The status is 200 for whatever a well-formed request comes to. What went wrong stands under `errors`, with the code of REST under
`extensions`; fields beside the one at fault are answered. When the database is away the whole answer is 503.
"""


def _limits() -> str:
    rows = {
        "levels of fields": f"{limits.MAX_DEPTH}; {limits.MAX_INTROSPECTION_DEPTH} under `__schema`",
        "aliases": limits.MAX_ALIASES,
        "fields": f"{limits.MAX_FIELDS:,}",
        "fields of the answer, a page of cases counted as 100, a list of bundles as 20, one of questions as 50": f"{limits.MAX_COST:,}",
        "selections of the same field in one place": limits.MAX_REPEATS,
        "directives, operations": f"{limits.MAX_DIRECTIVES}, {limits.MAX_OPERATIONS}",
        "tokens, characters of the query, bytes of the body": f"{limits.MAX_TOKENS:,}, {MAX_QUERY_CHARACTERS:,}, {MAX_BODY_BYTES:,}",
        "queries in a request": "1; a list of them is refused",
        "cases of a page": 100,
    }
    return "\n".join(["| what | at most |", "| --- | --- |", *(f"| {what} | {most} |" for what, most in rows.items())])


_COST = """\
## Limits

Fragments count wherever they are spread. What is beyond is not looked at further: `QUERY_TOO_LARGE`.
"""
_INFO = """query ($linkName: String) { organizationPartnerIntegrationPublicInfo(linkName: $linkName) {
  organizationName tagline colorPrimary paymentProvider
  faq { question answer index }
  productBundles { id name price priceUnit initialDiscount tag isSoldOut soldOutListText products { name imageUrl } }
  form { name versionNumber questions { index text type required options condition { questionIndex response } } } } }"""
_CASE = """query ($caseId: String) { caseById(caseId: $caseId) { shortId status title isArchived archiveReason
  submitter { fullName email } caseProducts { status organizationProduct { id name } subscription { interval intervalCount } } } }"""


def _sent(query: str, **variables: str) -> dict[str, object]:
    return {"query": " ".join(query.split()), "variables": variables}


async def test_page_of_graphql(client, services, clinic, demo):
    page = ApiPage(client, clinic, "GraphQL")
    page.say(_ABOUT)
    name = demo["linkName"]
    await page.ask("A storefront", "", "POST", PATH, 200, json=_sent(_INFO, linkName=name))
    text = f"Public answers are kept for {answers.LIFETIME_SECONDS:.0f} seconds at most, and never beyond a change of what they tell of."
    await page.ask("What customers said", text, "POST", PATH, 200, json=_sent(TESTIMONIALS, linkName=name))
    brand = _sent(BRAND, organizationId=clinic.organization_id)
    await page.ask("What an organization is called", "", "POST", PATH, 200, json=brand)
    product = {"id": clinic.product_id, "subscription": {"interval": "month", "intervalCount": 3}}
    case_id = str(await create_case(client, clinic, products=[product]))
    member = await employ(services, clinic, "Ada")
    sent = _sent(_CASE, caseId=case_id)
    answer = await client.post(PATH, json=sent, headers=member.headers)
    page.hide(answer.json()["data"]["caseById"]["submitter"]["email"], "iris.marker@patient.example")
    await page.ask("A case", "", "POST", PATH, 200, json=sent, headers=member.headers)
    page.say(f"{_COST}\n{_limits()}")
    page.say_errors()
    await page.ask("No credential for a case", "", "POST", PATH, 200, json=sent)
    unknown = _sent(_CASE, caseId=UNKNOWN_ID)
    await page.ask("A case that is not there", "", "POST", PATH, 200, json=unknown, headers=member.headers)
    await page.ask("A name that nobody has", "", "POST", PATH, 200, json=_sent(TESTIMONIALS, linkName="nobody"))
    await page.ask("A field that there is not", "", "POST", PATH, 200, json={"query": "{ nothing }"})
    await page.ask("Too much", "", "POST", PATH, 200, json={"query": limits_example()})
    await page.ask("A wrong credential", "", "POST", PATH, 401, json=sent, headers={"cv-api-key": "cvk_wrong"})
    await page.ask("No query", "", "POST", PATH, 400, json={})
    page.say(f"## Schema\n\n```graphql\n{print_schema(SCHEMA)}\n```")
    check_printed(DOCS / "api" / "graphql.md", page.text())


def limits_example() -> str:
    return "{ " + " ".join(f"a{number}: __typename" for number in range(limits.MAX_ALIASES + 1)) + " }"
