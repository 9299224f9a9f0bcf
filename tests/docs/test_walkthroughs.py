"""README and quickstart, followed word for word against a running server."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from carelane.surfaces.docs.examples import PLACE_ORDER
from tests.docs.cluster import free_port
from tests.docs.commands import run_shell
from tests.docs.pages import DOCS, ROOT, blocks
from tests.pharmacies.simulator import running_simulator
from tests.processes.waiting import until
from tests.server import RunningServer, running_server

ADDRESS = "http://127.0.0.1:8400"
ARRIVE_SECONDS = 60.0


def test_the_curl_of_the_readme_creates_a_case(server, clinic, tmp_path):
    script, _ = blocks(ROOT / "README.md", "bash")
    first = json.loads(run_shell(script.replace(ADDRESS, server.url), tmp_path, KEY=clinic.api_key))
    again = json.loads(run_shell(script.replace(ADDRESS, server.url), tmp_path, KEY=clinic.api_key))
    assert first["success"]
    assert first["data"]["caseId"]
    assert again["message"] == "Case conflict"


def test_the_curl_of_the_readme_creates_a_cart(server, clinic, tmp_path):
    _, script = blocks(ROOT / "README.md", "bash")
    here = script.replace(ADDRESS, server.url)
    cart = json.loads(run_shell(here, tmp_path, KEY=clinic.api_key, PATIENT=clinic.patient_id))
    assert '"subtotal":31800,"discountAmount":3180' in (ROOT / "README.md").read_text()
    assert (cart["subtotal"], cart["discountAmount"]) == (31_800, 3_180)
    assert cart["items"][0]["taxAmount"] > 0


@contextmanager
def world(folder: Path) -> Iterator[RunningServer]:
    """The server and the pharmacy of the quickstart, on ports of their own; parcels take no time."""
    address = f"http://127.0.0.1:{free_port()}"
    with running_simulator(ship_after=0.1, deliver_after=0.1) as pharmacy:
        settings = {"public_url": address, "pharmacy_simulator_url": pharmacy}
        port = address.rpartition(":")[2]
        with running_server(folder / "data", "--workers", "1", "--port", port, **settings) as running:
            yield running


def test_the_quickstart_leads_to_a_parcel_that_arrives(tmp_path):
    page = DOCS / "quickstart.md"
    (tmp_path / "clinic.yaml").write_text(blocks(page, "yaml")[0])
    with world(tmp_path) as server:
        script = [block.replace(ADDRESS, server.url) for block in blocks(page, "bash")]
        apply, create, read, *on = (block.replace("/var/lib/carelane", str(server.data_dir)) for block in script)
        printed = run_shell(apply, tmp_path)
        secrets = made_secrets(printed)
        assert printed.count("shown this once") == len(secrets) == 3
        assert "secret" not in run_shell(apply, tmp_path)

        created = re.search(r'"caseId":"([^"]+)"', run_shell(create, tmp_path, **secrets))
        assert created
        secrets["CASE"] = created[1]
        case = json.loads(run_shell(read, tmp_path, **secrets))["caseDetail"]
        assert case["shortId"].startswith("LAK-")
        assert case["caseProducts"][0]["organizationProduct"]["name"] == "Allergy tablets"
        assert case["responses"][0]["responses"][0]["text"] == "Birch pollen"

        assert "Order created successfully" in run_shell("\n".join(on), tmp_path, **secrets)
        whole = read.replace("includeCaseProducts", "includeOrders")
        until(lambda: _order_status(run_shell(whole, tmp_path, **secrets)) == "DELIVERED", ARRIVE_SECONDS)


def made_secrets(printed: str) -> dict[str, str]:
    """What the page tells people to keep of what `carelane apply` printed."""
    names = {"KEY": "key", "PASSWORD": "staff", "TOTP_SECRET": "second factor"}
    found = {
        name: re.search(rf"create +{what} .+ secret, shown this once: (\S+)", printed) for name, what in names.items()
    }
    return {name: match[1] for name, match in found.items() if match}


def _order_status(answer: str) -> str:
    (order,) = json.loads(answer)["caseDetail"]["orders"]
    return str(order["status"])


def test_the_order_of_the_quickstart_is_that_of_the_reference():
    (sent,) = (block for block in blocks(DOCS / "quickstart.md", "bash") if "PLACE_ORDER" in block)
    assert json.loads(sent.partition("-d '")[2].rstrip("'\n")) == PLACE_ORDER
