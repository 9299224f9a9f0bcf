"""The page about the simulator says what the simulator does."""

import re

from carelane.payments.gateways.simulator.faults import table
from carelane.payments.gateways.simulator.operations import OPERATIONS
from tests.docs.pages import DOCS, check_printed_table
from tests.gateway_simulator.world import GatewayWorld

PAGE = DOCS / "howto" / "gateway-simulator.md"


def test_the_table_of_faults_is_the_programs():
    rows = [f"| `{fault['fault']}` | {fault['amountEnding']} | {fault['text']} |" for fault in table()]
    check_printed_table(PAGE, "\n".join(["| Fault | Amount | What happens |", "| --- | --- | --- |", *rows]))


def test_operations_that_the_page_names_are_there():
    names = {operation.name for operation in OPERATIONS}
    assert set(re.findall(r'"operation": "([\w.]+)"', PAGE.read_text())) <= names


def test_settings_that_the_page_names_are_there(gateway_simulator: GatewayWorld):
    settings = gateway_simulator.control("settings", {})
    (line,) = re.findall(r"^\| `POST /control/settings` \| (.*) \|$", PAGE.read_text(), re.MULTILINE)
    assert set(re.findall(r"`(\w+)`", line)) == set(settings)
