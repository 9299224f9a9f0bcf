"""The rules of the house that a machine can check."""

import ast
import re

import pytest

from tests.style.source import PACKAGE, ROOT, functions, modules, repository_files, texts

MAX_FILE_LINES = 300
MAX_FUNCTION_LINES = 60

# No features: the tool box, the dialects, the schema, the pages about the API itself, the demo.
NO_FEATURES = {"kit", "web", "processes", "surfaces", "migrations", "demo"}
FEATURE_FILES = {
    "__init__.py", "routes.py", "schemas.py", "access.py", "reads.py", "actions.py", "views.py", "states.py", "queries.py", "jobs.py", "errors.py",
}  # fmt: skip
# Further names, each with what it is.
MORE_FILES = {
    "carts/converting.py": "from a priced cart or quote to its charge, pure",
    "carts/editing/drafting.py": "from bodies to the rows of a cart, pure",
    "carts/lines.py": "from what is asked for to priced lines, pure, also used by quotes",
    "carts/moving.py": "moving carts, also used by quotes",
    "carts/pricing.py": "the arithmetic of carts and quotes, pure",
    "cases/intake.py": "from a body to the rows of a case, pure",
    "cases/review/why.py": "what a case waits for, pure",
    "charges/periods.py": "from what a query says about time to a period, pure",
    "documents/links.py": "signed links, pure",
    "apply/applying.py": "the process of applying an organization file",
    "apply/catalog.py": "the catalogue's part of an organization file",
    "apply/changes.py": "what applying changed",
    "apply/credentials.py": "the credentials' part of an organization file",
    "demo/data.py": "the demo organizations",
    "demo/approved_case.py": "the approved case of the demo",
    "apply/parts.py": "what the parts of an organization file have in common",
    "apply/reading.py": "from YAML to checked structs",
    "apply/rows.py": "from structs to rows, pure",
    "apply/rules.py": "rules across the fields of an organization file",
    "messages/mail.py": "the adapter to a mail server",
    "messages/simulator.py": "the process of `carelane sms-simulator`",
    "messages/sms.py": "the adapter to a provider of text messages",
    "orders/intake.py": "from a body to a prescription, pure",
    "orders/preflight.py": "everything that can be found wrong with an order, pure",
    "orders/desk/why.py": "why an order stands where it stands, in words, pure",
    "orders/sending/documents.py": "the two documents of an order",
    "orders/sending/following.py": "the steps after the pharmacy has the order",
    "orders/sending/handover.py": "the steps until it has, which must happen once",
    "orders/sending/settling.py": "writing down what came of a step",
    "orders/sending/task.py": "one step of one order, and one call to its pharmacy",
    "organizations/credentials.py": "checking presented secrets, with a cache",
    "organizations/limits.py": "how many requests an organization may send, counted for all processes",
    "organizations/oauth.py": "the bodies and errors of RFC 6749",
    "quotes/converting.py": "from an accepted quote to its charge",
    "quotes/expiry.py": "ending what is past its date",
    "quotes/moving.py": "moving quotes, also used by carts",
    "sessions/codes.py": "codes of the second factor, pure",
    "sessions/passwords.py": "password hashes, a few at a time",
    "pharmacies/adapters/asking.py": "one signed request to a pharmacy",
    "pharmacies/adapters/fhir.py": "the FHIR R4 adapter",
    "pharmacies/adapters/fhir_reading.py": "from FHIR to a report, pure",
    "pharmacies/adapters/fhir_writing.py": "from a prescription to FHIR, pure",
    "pharmacies/adapters/http.py": "the adapter of our own JSON protocol",
    "pharmacies/adapters/opening.py": "from a pharmacy's row to its adapter",
    "pharmacies/adapters/signing.py": "the signature of both directions",
    "pharmacies/simulator/calling.py": "the simulator's callbacks",
    "pharmacies/simulator/control.py": "what the simulator tells about itself",
    "pharmacies/simulator/documents.py": "the simulated pharmacy's PDF, pure",
    "pharmacies/simulator/fhir_dialect.py": "the simulator as a FHIR server",
    "pharmacies/simulator/fhir_writing.py": "the simulator's orders as FHIR, pure",
    "pharmacies/simulator/http_dialect.py": "the simulator's side of the JSON protocol",
    "pharmacies/simulator/orders.py": "the orders that the simulator has taken",
    "pharmacies/simulator/pharmacy.py": "the simulated pharmacy",
    "pharmacies/simulator/server.py": "the process of `carelane pharmacy-simulator`",
    "pharmacies/simulator/stories.py": "what each scenario lets happen",
    "quotes/formatting.py": "amounts and moments as people read them, pure",
    "quotes/links.py": "links to a quote's page, pure",
    "quotes/page/identity.py": "whether it is the patient, pure",
    "quotes/page/passes.py": "the cookie of who has shown who they are, pure",
    "quotes/page/rendering.py": "from what is known to HTML",
    "staff/prescribers.py": "check digits of prescriber numbers, pure",
    "taxes/rules.py": "which taxes are raised on what, pure",
    "webhooks/bodies.py": "from an event and its case to a body",
    "webhooks/listening.py": "the process of `carelane listen`",
    "webhooks/signing.py": "secrets and signatures, pure",
}
# Statements outside `queries.py`, each with the reason.
SQL_ELSEWHERE = {
    "app.py": "the readiness probe asks nothing but whether the database answers",
    "events.py": "the event log belongs to no feature",
    "kit/backlog.py": "counts what waits in all queues, which belong to no feature",
    "kit/db.py": "transactions themselves",
    "kit/embedded_postgres.py": "makes the cluster, its roles and its database",
    "web/idempotency.py": "answers are kept below the features, for every POST of the surfaces",
    "kit/keyring.py": "data keys are needed below the features",
    "processes/rotate_key.py": "re-wraps the data keys of all organizations",
}
MAY_PRINT = {"cli.py"}

SQL = re.compile(
    r"\s*(SELECT\s|INSERT INTO\s|UPDATE \w+\s+SET\s|DELETE FROM\s|WITH \w+ AS|CREATE \w+\s|ALTER \w+\s|DROP \w+\s|GRANT\s"
    r"|REVOKE\s|DO \$\$|BEGIN\b|COMMIT\b)"
)


@pytest.mark.parametrize("path", modules())
def test_no_file_is_too_long(path):
    assert len((PACKAGE / path).read_text().splitlines()) <= MAX_FILE_LINES


def test_no_test_file_is_too_long():
    long = {
        str(path.relative_to(ROOT)): length
        for path in repository_files()
        if path.suffix == ".py" and (length := len(path.read_text().splitlines())) > MAX_FILE_LINES
    }
    assert long == {}


@pytest.mark.parametrize("path", modules())
def test_no_function_is_too_long(path):
    lengths = {node.name: (node.end_lineno or 0) - node.lineno + 1 for node in functions(modules()[path])}
    assert {name: length for name, length in lengths.items() if length > MAX_FUNCTION_LINES} == {}


@pytest.mark.parametrize("path", modules())
def test_every_module_says_what_it_is(path):
    assert ast.get_docstring(modules()[path])


@pytest.mark.parametrize("path", [path for path in modules() if "/" in path])
def test_a_feature_folder_holds_only_the_names_of_the_house(path):
    folder, _, name = path.rpartition("/")
    if folder.split("/")[0] not in NO_FEATURES:
        assert name in FEATURE_FILES or path in MORE_FILES


@pytest.mark.parametrize("path", modules())
def test_sql_is_written_in_queries_only(path):
    statements = [text for text in texts(modules()[path]) if SQL.match(text)]
    if not path.endswith("queries.py") and not path.startswith("migrations/") and path not in SQL_ELSEWHERE:
        assert statements == []


def test_every_exception_is_still_needed():
    with_sql = {path for path, tree in modules().items() if any(SQL.match(text) for text in texts(tree))}
    assert set(SQL_ELSEWHERE) - with_sql == set()
    assert set(MORE_FILES) - set(modules()) == set()


@pytest.mark.parametrize("path", modules())
def test_only_the_command_line_prints(path):
    calls = [
        node.lineno
        for node in ast.walk(modules()[path])
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert calls == [] or path in MAY_PRINT


@pytest.mark.parametrize("path", modules())
def test_time_comes_from_the_clock(path):
    """So that tests and sandboxes can move it. Durations are measured elsewhere, with a monotonic clock."""
    calls = [
        ast.unparse(node.func)
        for node in ast.walk(modules()[path])
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).rpartition("datetime.")[2] in {"now", "utcnow", "today", "date.today"}
        and not ast.unparse(node.func).startswith("clock.")
    ]
    assert calls == [] or path == "kit/clock.py"


def test_a_query_is_named_for_what_it_returns():
    prefixes = ("find_", "get_", "list_", "lock_", "claim_", "query_", "read_", "insert_", "save_", "update_", "delete_",
                "assign", "upsert_", "count_", "set_")  # fmt: skip
    misnamed = [
        f"{path}: {node.name}"
        for path, tree in modules().items()
        if path.endswith("/queries.py")
        for node in tree.body
        if isinstance(node, ast.AsyncFunctionDef) and not node.name.startswith((*prefixes, "_"))
    ]
    assert misnamed == []


# ---- what no file of the repository may hold

# Spelt in parts, so that this file holds none of them.
REGISTRIES = [".".join(parts) for parts in (
    ("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("yarnpkg", "com"), ("golang", "org"), ("crates", "io"),
    ("docker", "io"), ("ghcr", "io"), ("quay", "io"), ("rubygems", "org"), ("anaconda", "org"), ("debian", "org"),
    ("ubuntu", "com"), ("maven", "org"), ("huggingface", "co"), ("githubusercontent", "com"),
)]  # fmt: skip
DOWNLOAD = re.compile(r"https?://[^\s\"')>]+\.(whl|zip|tgz|tar\.\w+|gz|deb|rpm|exe|dmg|pkg|sh|jar)\b")
INDEX_OPTION = re.compile(r"--(extra-)?index-url|--find-links|--hash=")


def readable():
    for path in repository_files():
        content = path.read_bytes()
        if b"\0" not in content:
            yield path, content.decode(errors="replace")


def test_no_file_names_a_registry():
    assert [(str(path), host) for path, text in readable() for host in REGISTRIES if host in text] == []


def test_no_file_holds_a_download_address():
    own = ROOT / "tests" / "style" / "test_source.py"
    found = [
        (str(path), match[0])
        for path, text in readable()
        if path != own
        for match in (DOWNLOAD.search(text), INDEX_OPTION.search(text))
        if match
    ]
    assert found == []


def test_nothing_is_left_to_do():
    """An open end belongs into an issue."""
    words = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b(?!\")")
    assert [
        str(path) for path, text in readable() if path.suffix in {".py", ".sql", ".md"} and words.search(text)
    ] == []
