"""Pages and lists that say what the program says."""

import re

import msgspec

from carelane import permissions
from carelane.apply.catalog import schemas as catalog
from carelane.apply.organization import schemas as organization
from carelane.apply.partners import schemas as partners
from carelane.apply.people import schemas as people
from carelane.apply.people.availability import schemas as availability
from carelane.apply.promo_codes import schemas as promo_codes
from carelane.apply.reading import read_file
from carelane.kit import claims, damage
from carelane.kit.logs import ALLOWED_KEYS
from carelane.processes import retention
from tests.docs.pages import DOCS, blocks, check_printed, check_printed_table
from tests.docs.settings_page import settings_page

MONITORING = DOCS / "operations" / "monitoring.md"


def test_settings_page_is_what_the_settings_are():
    check_printed(DOCS / "operations" / "settings.md", settings_page())


def test_monitoring_page_lists_every_key_a_log_line_may_have():
    _, _, section = MONITORING.read_text().partition("## Logs")
    listed = set(re.findall(r"^\| `(\w+)`", section, re.MULTILINE))
    assert listed == ALLOWED_KEYS


async def test_monitoring_page_names_metrics_that_the_server_has(client, clinic):
    await client.get("/api/v1/organization/bundles", headers=clinic.key)
    answered = (await client.get("/metrics")).text
    named = set(re.findall(r"`(carelane_\w+)`", MONITORING.read_text()))
    # The worker's own are told once a worker runs, damage once something is damaged; neither is so here.
    kinds = (claims.IN_FLIGHT, claims.ENDED, claims.SECONDS, retention.DELETED, damage.FOUND)
    untold = {metric.name for kind in kinds for metric in kind.collect()}
    for name in named:
        is_told = re.search(rf"^{name}[{{ ]", answered, re.MULTILINE) is not None
        assert is_told or name.removesuffix("_total").removesuffix("_bucket") in untold, name
    assert named


def test_the_page_of_the_organization_file_has_every_key():
    text = (DOCS / "howto" / "apply.md").read_text()
    sections = {
        "## organization": organization.OrganizationEntry,
        "## keys and clients": organization.CredentialEntry,
        "## products": catalog.ProductEntry,
        "## forms": catalog.FormEntry,
        "### questions": catalog.QuestionEntry,
        "## bundles": catalog.BundleEntry,
        "## staff": people.StaffEntry,
        "### licenses": people.LicenseEntry,
        "### availability": availability.AvailabilityEntry,
        "## promoCodes": promo_codes.PromoCodeEntry,
        "## pharmacies": partners.PharmacyEntry,
        "## drugs": partners.DrugEntry,
        "## webhooks": partners.WebhookEntry,
    }
    for heading, struct in sections.items():
        section = re.split(r"\n#+ ", text.partition(f"\n{heading}\n")[2])[0]
        named = {
            name
            for row in re.findall(r"^\| (`[^|]+) \|", section, re.MULTILINE)
            for name in re.findall(r"`(\w+)`", row)
        }
        assert named == {field.encode_name for field in msgspec.structs.fields(struct)}, heading


def test_the_organization_files_on_the_pages_can_be_applied(tmp_path):
    for page in ("howto/apply.md", "quickstart.md"):
        (tmp_path / "clinic.yaml").write_text(blocks(DOCS / page, "yaml")[0])
        assert read_file(tmp_path / "clinic.yaml", {"LAKESIDE_KEY": "k" * 32})


def test_the_table_of_scopes_is_the_list_of_permissions():
    rows = [
        f"| `{scope}` | {means} |" for scope, means in permissions.MEANINGS.items() if scope in permissions.GRANTABLE
    ]
    table = "\n".join(["| scope | allows |", "| --- | --- |", *rows])
    check_printed_table(DOCS / "howto" / "credentials.md", table)
