"""The doors of the house: a route calls a read or an action, and these alone check permissions and open transactions."""

import ast

from tests.style.source import Function, functions, modules, none_of

# What a function of these files never does: they declare, describe or show, and hold no database and no caller.
NO_INPUT_OUTPUT = ("/schemas.py", "/views.py", "/states.py", "/errors.py")
# A statement needs a connection; whoever opens one is an entry.
OPENERS = {"transaction", "reading", "across"}
# Folders whose routes still open transactions or check permissions themselves.
BY_HAND = {
    "carts", "carts/conversion", "carts/editing", "carts/listing", "case_detail", "cases/review", "cases/review/decisions",
    "cases/review/queue", "catalog", "catalog/billing/items", "catalog/billing/packages", "charges", "documents",
    "orders/desk", "orders/inbox", "patients/billing", "patients/billing/finding", "patients/tags", "quotes",
    "quotes/editing", "quotes/listing", "quotes/making", "sessions", "staff/billing", "taxes", "webhooks",
    "webhooks/endpoints",
}  # fmt: skip


def attributes(path: str) -> set[str]:
    return {node.attr for node in ast.walk(modules()[path]) if isinstance(node, ast.Attribute)}


def imported(path: str) -> set[str]:
    """What the module imports, in full: `carelane.carts.queries`, `litestar.Request`."""
    found = set()
    for node in ast.walk(modules()[path]):
        if isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {str(node.module)}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found


def test_a_route_opens_no_transaction_and_checks_no_permission():
    by_hand = {
        folder
        for folder, _, name in (path.rpartition("/") for path in modules())
        if name == "routes.py" and folder != "web"
        if attributes(f"{folder}/{name}") & (OPENERS | {"require"})
    }
    none_of(by_hand - BY_HAND)
    assert BY_HAND - by_hand == set(), "these call reads and actions now: take them off the list"


def test_shapes_and_states_do_no_input_or_output():
    none_of(
        f"{path}: {node.name}"
        for path, node in functions()
        if path.endswith(NO_INPUT_OUTPUT) and isinstance(node, ast.AsyncFunctionDef)
    )


def test_reads_and_actions_know_no_http():
    """Pages and GraphQL call them too."""
    none_of(
        f"{path}: {name}"
        for path in modules()
        if path.endswith(("/reads.py", "/actions.py", "/queries.py", "/views.py", "/jobs.py"))
        for name in imported(path)
        if name.startswith("litestar") or name.endswith((".ActorRequest", ".Request", ".Response"))
    )


def is_entry(node: ast.stmt) -> bool:
    """Whether it is a read or an action: a public function that takes the services and the actor."""
    if not isinstance(node, Function) or node.name.startswith("_"):
        return False
    return [argument.arg for argument in node.args.args[:2]] == ["services", "actor"]


def test_every_read_and_action_says_what_it_requires():
    none_of(
        f"{path}: {node.name}"
        for path, tree in modules().items()
        for node in tree.body
        if is_entry(node) and isinstance(node, Function)
        if not any(ast.unparse(decorator).startswith("requires(") for decorator in node.decorator_list)
        if path.rpartition("/")[0] not in {*BY_HAND, "web"}
    )
