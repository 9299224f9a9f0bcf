"""README and quickstart, followed word for word against a running server."""

import json
import re

from tests.docs.commands import run_shell
from tests.docs.pages import DOCS, ROOT, blocks

ADDRESS = "http://127.0.0.1:8400"


def test_the_curl_of_the_readme_creates_a_case(server, clinic, tmp_path):
    (script,) = blocks(ROOT / "README.md", "bash")
    first = json.loads(run_shell(script.replace(ADDRESS, server.url), tmp_path, KEY=clinic.api_key))
    again = json.loads(run_shell(script.replace(ADDRESS, server.url), tmp_path, KEY=clinic.api_key))
    assert first["success"]
    assert first["data"]["caseId"]
    assert again["message"] == "Case conflict"


def test_the_quickstart_leads_to_a_case_that_is_read_back(server, tmp_path):
    page = DOCS / "quickstart.md"
    (tmp_path / "clinic.yaml").write_text(blocks(page, "yaml")[0])
    apply, create, read = (script.replace(ADDRESS, server.url) for script in blocks(page, "bash"))
    apply = apply.replace("/var/lib/carelane", str(server.data_dir))
    printed = run_shell(apply, tmp_path)
    key = re.search(r"secret, shown this once: (\S+)", printed)
    assert key, printed
    assert "secret" not in run_shell(apply, tmp_path)

    run_shell(create, tmp_path, KEY=key[1])
    case = json.loads(run_shell(read, tmp_path, KEY=key[1]))["caseDetail"]
    assert case["shortId"].startswith("LAK-")
    assert case["caseProducts"][0]["organizationProduct"]["name"] == "Allergy tablets"
    assert case["responses"][0]["responses"][0]["text"] == "Birch pollen"
