"""The rules of the house that a machine can check on each file. A failing test lists every place that breaks its rule."""

import ast
import re

from tests.style.source import (
    PACKAGE,
    ROOT,
    Function,
    calls,
    functions,
    length_of,
    modules,
    none_of,
    repository_files,
    texts,
)

MAX_FILE_LINES = 300
MAX_FUNCTION_LINES = 45

# No features: the tool box, the dialects, the schema, the pages about the API itself, the demo.
NO_FEATURES = {"kit", "web", "processes", "surfaces", "migrations", "demo"}
FEATURE_FILES = {
    "__init__.py", "routes.py", "schemas.py", "access.py", "reads.py", "actions.py", "views.py", "rows.py", "states.py", "queries.py", "jobs.py", "errors.py", "why.py",
}  # fmt: skip
# A noun with many acts has a file for each.
ACT_FILES = {"create.py", "edit.py", "respond.py", "convert.py", "expire.py", "decide.py"}
# Rooms of tools within a noun: their files are named for the protocol they speak or the part they play.
TOOL_ROOMS = {
    "payments/checkouts": "a file for each part of a checkout's life",
    "console": "what all pages have round them, a file for each part",
    "payments/intake": "asking the gateway, judging its answer, fees, and what the worker asks later",
    "orders/sending": "a file for each stage of an order's way to its pharmacy",
    "pharmacies/adapters": "a file for each protocol of pharmacies, and for what the protocols share",
    "payments/gateways": "the protocol that all gateways speak here, and how a call can end",
    "payments/gateways/stripe": "a file for each part of speaking with Stripe",
    "orders/preflight": "a file for each thing that an order is held against",
    "payments/gateways/simulator": "a program of its own: a payment gateway for tests, demos and integrators",
    "payments/settling": "a file for each kind of thing that gateways tell of, and for what follows from it",
    "payments/moving": "a file for each part of a try to move money",
    "pharmacies/simulator": "a program of its own: a pharmacy for tests, demos and integrators",
}
# Further names, each with what it is.
MORE_FILES = {
    "apply/reading.py": "from a YAML file to checked entries",
    "apply/writing.py": "from checked entries to a YAML file",
    "charges/case_charge.py": "the charge of a case's payment, made of what was approved",
    "charges/refresh.py": "what a charge's row says of money, brought up to date with the ledger",
    "charges/tips/posting.py": "what the ledger is told of tips, by whoever changes one and whoever voids its charge",
    "ledger/adjusting.py": "what changes of a charge post; pure",
    "ledger/entries.py": "what each act posts; pure",
    "ledger/desk_entries.py": "what payments at the desk and credit post; pure",
    "messages/mail.py": "the adapter to a mail server",
    "messages/simulator.py": "the process of `carelane sms-simulator`",
    "messages/sms.py": "the adapter to a provider of text messages",
    "organizations/limits.py": "how many requests an organization may send, counted for all processes",
    "sessions/codes.py": "codes of the second factor",
    "payments/decided.py": "what decisions on a case mean for its money",
    "pricing/arithmetic.py": "what lines and the whole of them come to",
    "pricing/lines.py": "from what is asked for to priced lines",
    "webhooks/signing.py": "secrets and signatures",
}
# Statements outside `queries.py`, each with the reason.
SQL_ELSEWHERE = {
    "events.py": "the event log belongs to no feature",
    "kit/backlog.py": "counts what waits in all queues, which belong to no feature",
    "kit/db.py": "transactions themselves",
    "kit/embedded_postgres.py": "makes the cluster, its roles and its database",
    "web/idempotency.py": "answers are kept below the features, for every POST of the surfaces",
    "kit/keyring.py": "data keys are needed below the features",
    "processes/master_key.py": "compares the key with the database before anything else is opened",
    "processes/rotate_key.py": "re-wraps the data keys of all organizations",
}
MAY_PRINT = {"cli.py"}
# What a whole package is asked for by its name.
CODE_IN_INIT = {"__init__.py", "migrations/__init__.py", "pharmacies/adapters/__init__.py"}

SQL = re.compile(
    r"\s*(SELECT\s|INSERT INTO\s|UPDATE \w+\s+SET\s|DELETE FROM\s|WITH \w+ AS|CREATE \w+\s|ALTER \w+\s|DROP \w+\s|GRANT\s"
    r"|REVOKE\s|DO \$\$|BEGIN\b|COMMIT\b)"
)


def test_no_file_is_too_long():
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text().splitlines())
        for path in (*PACKAGE.rglob("*.py"), *repository_files())
        if path.suffix == ".py"
    }
    none_of(f"{path}: {length}" for path, length in lengths.items() if length > MAX_FILE_LINES)


def test_no_function_is_too_long():
    none_of(
        f"{path}: {node.name}: {length_of(node)}" for path, node in functions() if length_of(node) > MAX_FUNCTION_LINES
    )


def test_every_module_says_what_it_is():
    none_of(path for path, tree in modules().items() if not ast.get_docstring(tree))


def test_every_read_and_action_says_what_it_does():
    none_of(
        f"{path}: {node.name}"
        for path, tree in modules().items()
        if path.endswith(("/reads.py", "/actions.py"))
        for node in tree.body
        if isinstance(node, Function)
        if not node.name.startswith("_") and not ast.get_docstring(node)
    )


def test_a_feature_folder_holds_only_the_names_of_the_house():
    none_of(
        path
        for path in modules()
        if "/" in path
        if path.split("/")[0] not in NO_FEATURES and path.rpartition("/")[0] not in TOOL_ROOMS
        if path.rpartition("/")[2] not in FEATURE_FILES | ACT_FILES
        if path not in MORE_FILES
    )


def test_sql_is_written_in_queries_only():
    none_of(
        path
        for path, tree in modules().items()
        if not path.endswith("queries.py") and not path.startswith("migrations/") and path not in SQL_ELSEWHERE
        if any(SQL.match(text) for text in texts(tree))
    )


def test_every_exception_is_still_needed():
    with_sql = {path for path, tree in modules().items() if any(SQL.match(text) for text in texts(tree))}
    none_of(set(SQL_ELSEWHERE) - with_sql | (set(MORE_FILES) | CODE_IN_INIT) - set(modules()))
    none_of(set(TOOL_ROOMS) - {path.rpartition("/")[0] for path in modules()})


def test_only_the_command_line_prints():
    printing = [place for place, name in calls() if name == "print"]
    none_of(place for place in printing if place.partition(":")[0] not in MAY_PRINT)


def test_time_comes_from_the_clock():
    """So that tests and sandboxes can move it. Durations are measured elsewhere, with a monotonic clock."""
    asking = {"now", "utcnow", "today", "date.today"}
    none_of(
        place
        for place, name in calls()
        if name.rpartition("datetime.")[2] in asking and not place.startswith("kit/clock.py:")
    )


def test_a_package_is_introduced_by_a_paragraph():
    """And by nothing else: code in `__init__.py` is found by nobody."""
    none_of(
        path
        for path, tree in modules().items()
        if path.endswith("__init__.py") and path not in CODE_IN_INIT and len(tree.body) > 1
    )


def test_every_error_says_what_it_is():
    """The docstring is the message."""
    none_of(
        f"{path}: {node.name}"
        for path, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and node.name.endswith("Error") and not ast.get_docstring(node)
    )


def test_a_query_takes_the_organization_first():
    none_of(
        f"{path}: {node.name}"
        for path, node in functions()
        if path.endswith("/queries.py") and isinstance(node, ast.AsyncFunctionDef)
        if "organization_id" in (names := [argument.arg for argument in node.args.args])
        and names[1] != "organization_id"
    )


def test_a_query_is_named_for_what_it_returns():
    prefixes = ("find_", "get_", "list_", "lock_", "claim_", "query_", "read_", "insert_", "save_", "update_", "delete_",
                "assign", "upsert_", "count_", "set_")  # fmt: skip
    none_of(
        f"{path}: {node.name}"
        for path, tree in modules().items()
        if path.endswith("/queries.py")
        for node in tree.body
        if isinstance(node, ast.AsyncFunctionDef) and not node.name.startswith((*prefixes, "_"))
    )
