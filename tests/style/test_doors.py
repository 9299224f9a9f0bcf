"""Every read and action checks a permission at its entry; routes and surfaces check none, and touch no database."""

import ast
from collections.abc import Iterator

from tests.contract import the_contract
from tests.style.source import functions, modules, none_of

# What a function of these files never does: they declare, describe or show, and hold no database and no caller.
NO_INPUT_OUTPUT = ("/schemas.py", "/views.py", "/states.py", "/errors.py")
# No nouns: the tool box, the web below them, the schema, processes, the organization file and the demo's data.
NO_NOUNS = {"kit", "web", "migrations", "processes", "apply", "demo"}
# What a route or a surface has no business with.
BEHIND_THE_DOOR = {"db", "require", "record_read", "transaction", "reading", "across"}

# What acts for whoever was let in already, each with the reason.
UNDER_OTHERS = {
    "bills/printing/access.py: print_receipt": "for staff and for patients, who were shown it by a permission of each's own",
    "cases/review/grace/actions.py: give_up": "the worker writes down why it could not decide",
    "charges/selling/actions.py: run_sale": "as `run_once`",
    "orders/actions.py: place": "for storefronts and for staff, each by a permission of its own",
    "orders/actions.py: try_out": "as `place`",
    "payments/intake/check.py: run_checked": "as `run_once`: runs the act of an entry that has checked",
    "payments/settling/settle.py: settle": "what the gateway says is true whoever heard it",
}


def unchecked_entries() -> Iterator[str]:
    """Whatever takes `(services, actor, …)` and can be called from outside its module."""
    for path, tree in modules().items():
        if "/" not in path or path.partition("/")[0] in NO_NOUNS:
            continue
        for node in tree.body:
            if isinstance(node, ast.AsyncFunctionDef) and is_entry(node) and not is_checked(node):
                yield f"{path}: {node.name}"


def is_entry(function: ast.AsyncFunctionDef) -> bool:
    names = [argument.arg for argument in function.args.args]
    return not function.name.startswith("_") and names[:2] == ["services", "actor"]


def is_checked(function: ast.AsyncFunctionDef) -> bool:
    decorators = (decorator for decorator in function.decorator_list if isinstance(decorator, ast.Call))
    return any(isinstance(call.func, ast.Name) and call.func.id == "requires" for call in decorators)


def reaches_of_routes() -> Iterator[str]:
    """Where a route or a surface reaches for the database, or checks a permission by itself."""
    for path, tree in modules().items():
        if path.endswith("/routes.py") or path.startswith("surfaces/"):
            for node in ast.walk(tree):
                if isinstance(node, ast.Attribute) and node.attr in BEHIND_THE_DOOR:
                    yield f"{path}:{node.lineno} .{node.attr}"


def operations_without_permission() -> Iterator[tuple[str, str]]:
    """Of those that need a credential: tag and operation id."""
    for operations in the_contract().document["paths"].values():
        for operation in operations.values():
            options = operation.get("security") or ()
            if any(not permissions for option in options for permissions in option.values()):
                yield operation["tags"][0], operation["operationId"]


def imported(path: str) -> set[str]:
    """What the module imports, in full: `carelane.carts.queries`, `litestar.Request`."""
    found = set()
    for node in ast.walk(modules()[path]):
        if isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {str(node.module)}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found


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


def test_every_read_and_action_checks_a_permission_at_its_entry():
    none_of(set(unchecked_entries()) ^ set(UNDER_OTHERS))


def test_routes_and_surfaces_touch_no_database_and_check_no_permission():
    none_of(reaches_of_routes())


def test_every_operation_with_credentials_names_its_permissions():
    none_of(f"{tag}: {operation}" for tag, operation in operations_without_permission())
