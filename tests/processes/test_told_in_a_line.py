"""What a newcomer gets wrong is told in one line that names the variable and what is accepted."""

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from carelane import __version__
from carelane.settings import read_settings
from tests.processes.commands import refusal, run, run_program

DATABASE = "expected a URL such as postgresql://user:password@host:5432/database"
DOCUMENTS = "expected a URL such as s3://bucket/folder, gs://bucket/folder, az://container/folder or file:///folder"
WEB = "expected a URL such as https://care.example.com"


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("database_url", "foo", DATABASE), ("database_url", " ", DATABASE), ("database_url", "mysql://a/b", DATABASE),
        ("database_owner_url", "foo", DATABASE),
        ("documents_url", "/tmp/x", DOCUMENTS), ("documents_url", "x", DOCUMENTS), ("documents_url", "s3:bucket", DOCUMENTS),
        ("documents_url", "ftp://a/b", DOCUMENTS),
        ("public_url", "care.example", WEB), ("public_url", "ftp://care.example", WEB), ("public_url", "https://", WEB),
        ("public_url", "https://care.example/?a=b", WEB), ("public_url", "https://me:secret@care.example", WEB),
        ("sms_url", "x", WEB), ("pharmacy_simulator_url", "x", WEB),
        ("master_key", "short", "expected 32 bytes in base64"), ("allowed_networks", "10.0.0.0/40", "expected networks such as"),
        ("workers", "many", "expected a whole number, at least 1, at most 64"), ("workers", "0", "expected a whole number, at least 1"),
        ("stop_seconds", "inf", "at most 1,000,000,000"), ("stop_seconds", "nan", "expected a number, above 0"),
        ("stop_seconds", "1e300", "at most 1,000,000,000"), ("max_body_bytes", "9" * 30, "expected a whole number"),
        ("smtp_starttls", "perhaps", "expected `true` or `false`"), ("mail_from", "me", "expected a mail address"),
        ("host", "a b", "expected an address or a name"), ("cart_idle_days", "99999", "at most 36,500"),
    ],
)  # fmt: skip
def test_a_bad_setting(name, value, told):
    with pytest.raises(ValueError, match=f"^CARELANE_{name.upper()}: ") as error:
        read_settings({f"CARELANE_{name.upper()}": value})
    assert told in str(error.value)
    assert "secret" not in str(error.value)


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("database_url", "foo", DATABASE),
        ("documents_url", "/tmp/x", DOCUMENTS),
        ("documents_url", "file:///no/such/folder", "it cannot be opened (Generic LocalFileSystem error: "),
    ],
)
def test_it_ends_the_program_before_anything_is_made(tmp_path, name, value, told):
    line = refusal(run_program("serve", "--port", "0", "--data-dir", tmp_path / "data", **{name: value}))
    assert line.startswith(f"CARELANE_{name.upper()}: {told}")
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("folder", ["/dev/null/data", "/proc/data", __file__])
@pytest.mark.parametrize("command", [("serve", "--port", "0"), ("demo-data",)])
def test_a_data_folder_that_cannot_be(folder, command):
    line = refusal(run(*command, data_dir=folder))
    assert line.startswith(f"CARELANE_DATA_DIR: {folder} cannot be used (")
    assert line.endswith("); expected a folder that this user may make, or write in")


@pytest.mark.skipif(os.geteuid() != 0, reason="takes root, to become somebody without rights")
def test_a_data_folder_without_rights(tmp_path):
    code = (
        "import os, sys; from pathlib import Path; from carelane.kit import data_folder; os.setuid(65534)\n"
        "try: data_folder.make(Path(sys.argv[1]))\nexcept Exception as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code, "/etc"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("CARELANE_DATA_DIR: /etc cannot be used (Permission denied); expected a folder")


@contextmanager
def postgresql_of(version: str) -> Iterator[str]:
    """A server that lets everybody in and says which PostgreSQL it is; its URL."""

    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        size = int.from_bytes(await reader.readexactly(4))
        if int.from_bytes((await reader.readexactly(size - 4))[:4]) == 80877103:
            # It is asked for TLS first.
            writer.write(b"N")
            await reader.readexactly(int.from_bytes(await reader.readexactly(4)) - 4)
        said = b"server_version\0" + version.encode() + b"\0"
        writer.write(b"R" + (8).to_bytes(4) + (0).to_bytes(4) + b"S" + (len(said) + 4).to_bytes(4) + said)
        writer.write(b"Z" + (5).to_bytes(4) + b"I")
        await reader.read()
        writer.close()

    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(asyncio.start_server(greet, "127.0.0.1", 0))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield f"postgresql://carelane:the-password@127.0.0.1:{server.sockets[0].getsockname()[1]}/carelane"
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        server.close()
        loop.close()


@pytest.mark.parametrize("version", ["15.7 (Debian 15.7-0+deb12u1)", "9.6.24"])
def test_a_postgresql_that_is_too_old(tmp_path, version):
    major = version.split(".")[0]
    with postgresql_of(version) as url:
        for command in (("serve", "--port", "0"), ("migrate",)):
            line = refusal(run(*command, "--data-dir", tmp_path / "data", database_url=url, database_owner_url=url))
            assert line == f"CARELANE_DATABASE_URL: PostgreSQL {major} answers there; expected 16 or newer"


def test_a_database_that_is_not_there(tmp_path):
    url = "postgresql://carelane:the-password@127.0.0.1:1/carelane"
    line = refusal(run("serve", "--port", "0", "--data-dir", tmp_path / "data", database_url=url))
    assert line.startswith("CARELANE_DATABASE_URL: the database cannot be reached (")
    assert "the-password" not in line


def test_an_older_python():
    code = "import runpy, sys; sys.version_info = (3, 10, 12, 'final', 0); runpy.run_module('carelane', run_name='__main__')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "carelane: Carelane needs Python 3.11 or newer; this is Python 3.10\n")


def test_the_version():
    assert run_program("--version").stdout == f"carelane {__version__}\n"


FAULTS = """\
organization:
  tenant: No Spaces
  name: Faulty
products:
  - name: Tablets
    price: "12,50"
  - {name: Drops, price: 5, colour: red}
forms:
  - name: Intake
    questions:
      - {text: "Well?", type: MAYBE}
pharmacies:
  - {code: "a b", name: Corner, adapter: http}
webhooks:
  - name: Shop
    url: ftp://shop.example
"""


def test_each_fault_of_a_file_is_told_on_a_line_of_its_own(data_dir, tmp_path):
    (tmp_path / "clinic.yaml").write_text(FAULTS)
    done = run_program("apply", "clinic.yaml", "--data-dir", data_dir, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines() == [
        "carelane: clinic.yaml:2: organization.tenant: expected 2 to 63 lower-case letters, digits and hyphens",
        "carelane: clinic.yaml:1: organization.casePrefix: casePrefix is required",
        "carelane: clinic.yaml:6: products[0].price: expected an amount such as 159 or 99.99",
        "carelane: clinic.yaml:7: products[1].colour: unknown; expected one of name, price, id, description, "
        "imageUrl, currency, isActive, category, brandName, "
        "type, internalNotes, exemptedTaxes",
        "carelane: clinic.yaml:11: forms[0].questions[0].type: expected one of TEXT, BOOLEAN, DATE, DATERANGE, SINGLESELECT, "
        "MULTISELECT, FILE, STATEMENT, WIDGET_BMI, WIDGET_STATE_PICKER, WIDGET_USER_ID_DOCUMENT, WIDGET_VISIT_TYPE",
        "carelane: clinic.yaml:13: pharmacies[0].code: expected 1 to 100 characters without a space",
        "carelane: clinic.yaml:16: webhooks[0].url: expected a URL that begins with http:// or https://",
    ]


ONE = "{tenant: one, name: One, casePrefix: ONE}"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"organization: {ONE}\nkeys:\n- name: a\n  secret: ${{NO}}\n", "4: keys[0].secret: the variable NO is not set"),
        (f"organization: {ONE}\n\nproducts: [{{name: A, price: 1}},\n  {{name: A, price: 2}}]\n",
         "4: products[1]: A stands in the file before"),
        (f"organizations:\n- organization: {ONE}\n  products:\n  - name: A\n    price: 1\n  - name: A\n    price: 1\n",
         "6: products[1]: A stands in the file before"),
        (f"organizations:\n- organization: {ONE}\n- organization: {{tenant: two, name: Two, casePrefix: TWO}}\n  webhooks:\n"
         "  - name: a\n    url: http://10.0.0.1/\n",
         "6: organizations[1].webhooks[0].url: 10.0.0.1 is no public address; CARELANE_ALLOWED_NETWORKS can allow it"),
        ("organization: {tenant: a\n\n  b: [\n", "3: expected ',' or '}', but got ':'"),
        ("organization:\n  tenant: a\n  tenant: b\n", "3: tenant stands here twice"),
        ("- a\n", "1: body: Expected `object`, got `array`"),
    ],
)  # fmt: skip
def test_wherever_it_is_found_the_line_is_told(data_dir, tmp_path, text, told):
    (tmp_path / "clinic.yaml").write_text(text)
    done = run("apply", "clinic.yaml", "--data-dir", data_dir, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (2, f"carelane: clinic.yaml:{told}\n")
