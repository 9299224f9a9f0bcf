"""README and quickstart, followed word for word against a running server."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pyotp

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
        assert printed.count("shown this once") == 2
        assert "shown this once" not in run_shell(apply, tmp_path)
        secrets |= come_in(printed.replace(ADDRESS, server.url))

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
    found = re.search(r"create +key .+ secret, shown this once: (\S+)", printed)
    assert found
    return {"KEY": found[1]}


def come_in(printed: str) -> dict[str, str]:
    """What the page tells people to do with the link, as a browser would; the code is that of the app a moment later."""
    link = re.search(r"create +invitation .+ link, shown this once: (\S+)", printed)
    assert link
    password = "a password of the test"
    with httpx.Client(timeout=30, follow_redirects=True) as browser:
        shown = _send(browser, browser.get(link[1]), link[1], password=password, again=password)
        letters = re.search(r'translate="no">([A-Z2-7 ]+)<', shown.text)
        assert letters
        app = pyotp.TOTP(letters[1].replace(" ", ""))
        assert _send(browser, shown, str(shown.url), code=app.now()).status_code == 200
    return {"PASSWORD": password, "CODE": app.at(datetime.now(UTC), counter_offset=1)}


def _send(browser: httpx.Client, page: httpx.Response, url: str, **fields: str) -> httpx.Response:
    token = re.search(r'name="form_token" value="([0-9a-f]+)"', page.text)
    assert token
    return browser.post(url.partition("?")[0], data={"form_token": token[1], **fields})


def _order_status(answer: str) -> str:
    (order,) = json.loads(answer)["caseDetail"]["orders"]
    return str(order["status"])


def test_the_order_of_the_quickstart_is_that_of_the_reference():
    (sent,) = (block for block in blocks(DOCS / "quickstart.md", "bash") if "PLACE_ORDER" in block)
    assert json.loads(sent.partition("-d '")[2].rstrip("'\n")) == PLACE_ORDER
