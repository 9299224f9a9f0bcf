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
    "__init__.py", "routes.py", "schemas.py", "access.py", "reads.py", "actions.py", "views.py", "rows.py", "states.py", "queries.py", "jobs.py", "errors.py", "why.py",
}  # fmt: skip
# A noun with many acts has a file for each.
ACT_FILES = {"create.py", "edit.py", "respond.py", "convert.py", "expire.py", "decide.py"}
# Rooms of tools within a noun: their files are named for the protocol they speak or the part they play.
TOOL_ROOMS = {
    "pharmacies/adapters": "a file for each protocol of pharmacies, and for what the protocols share",
    "pharmacies/simulator": "a program of its own: a pharmacy for tests, demos and integrators",
}
# Further names, each with what it is.
MORE_FILES = {
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
    "orders/preflight.py": "everything that can be found wrong with an order",
    "orders/sending/documents.py": "the two documents of an order",
    "orders/sending/errand.py": "one order in hand, and one call to its pharmacy",
    "orders/sending/following.py": "the steps after the pharmacy has the order",
    "orders/sending/handover.py": "the steps until it has, which must happen once",
    "orders/sending/prescription.py": "from a prescription to its PDF, pure",
    "orders/sending/progress.py": "taking in what pharmacies report, also used by the inbox",
    "orders/sending/settling.py": "writing down what came of a step",
    "orders/sending/steps.py": "what comes next for an order, and when, pure",
    "orders/sending/transmission.py": "the loop of the worker",
    "organizations/limits.py": "how many requests an organization may send, counted for all processes",
    "sessions/codes.py": "codes of the second factor",
    "sessions/passwords.py": "password hashes, a few at a time",
    "pricing/arithmetic.py": "what lines and the whole of them come to",
    "pricing/lines.py": "from what is asked for to priced lines",
    "quotes/sending/channels.py": "whether and how mail and text messages leave",
    "quotes/sending/delivering.py": "the loop that sends messages",
    "quotes/sending/letter.py": "the words of a message, pure",
    "taxes/rules.py": "which taxes are raised on what, pure",
    "texting/gateway.py": "handing a text message to a provider",
    "texting/simulator.py": "the process of `carelane sms-simulator`",
    "webhooks/sending.py": "the loop that sends deliveries",
    "webhooks/signing.py": "secrets and signatures",
}
# Statements outside `queries.py`, each with the reason.
SQL_ELSEWHERE = {
    "processes/dispatcher.py": "claims the events, which belong to no feature",
    "events.py": "the event log belongs to no feature",
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
    if folder.split("/")[0] not in NO_FEATURES and folder not in TOOL_ROOMS:
        assert name in FEATURE_FILES | ACT_FILES or path in MORE_FILES


@pytest.mark.parametrize("path", modules())
def test_sql_is_written_in_queries_only(path):
    statements = [text for text in texts(modules()[path]) if SQL.match(text)]
    if not path.endswith("queries.py") and not path.startswith("migrations/") and path not in SQL_ELSEWHERE:
        assert statements == []


def test_every_exception_is_still_needed():
    with_sql = {path for path, tree in modules().items() if any(SQL.match(text) for text in texts(tree))}
    assert set(SQL_ELSEWHERE) - with_sql == set()
    assert set(MORE_FILES) - set(modules()) == set()
    assert set(TOOL_ROOMS) - {path.rpartition("/")[0] for path in modules()} == set()


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
