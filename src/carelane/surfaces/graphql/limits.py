"""What a query may cost, found out before it is validated: validation itself takes long for some documents.

Fragments are followed wherever they are spread, so what they multiply is counted as often as it would be answered. The walk
stops at the first limit that is passed, and is bounded by the limits themselves.
"""

from collections import Counter
from collections.abc import Iterator

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    TokenKind,
)

from carelane.kit.errors import CarelaneError

MAX_TOKENS = 2_000
MAX_OPERATIONS = 10
MAX_DIRECTIVES = 20
MAX_DEPTH = 10
# The usual query for the schema is deeper.
MAX_INTROSPECTION_DEPTH = 16
MAX_ALIASES = 10
MAX_FIELDS = 1_000
# How often one place of the answer may be asked for; checking that all agree takes the square of it.
MAX_REPEATS = 10
MAX_NESTING = 40
MAX_COST = 20_000
# How many entries a list counts as, where it is more than one. A page's size may be a variable, so it counts as the largest.
LIST_SIZES = {
    "cases": 100,
    "productBundles": 20,
    "questions": 50,
    "faq": 20,
    "organizationPublicTestimonials": 20,
    "caseProducts": 3,
    "caseTreatments": 3,
    "products": 3,
}
_INTROSPECTION = frozenset({"__schema", "__type"})


class QueryTooLargeError(CarelaneError):
    """The query asks for too much"""

    # The detail names the limit.
    status = 400
    code = "QUERY_TOO_LARGE"


def introspects(document: DocumentNode) -> bool:
    """Whether it names a field that tells of the schema. Such fields stand at the top or nowhere."""
    return any(
        node.name.value in _INTROSPECTION
        for definition in document.definitions
        if isinstance(definition, OperationDefinitionNode | FragmentDefinitionNode)
        for node in _fields_at_top(definition.selection_set)
    )


def _fields_at_top(selections: SelectionSetNode) -> Iterator[FieldNode]:
    for node in selections.selections:
        if isinstance(node, FieldNode):
            yield node
        elif isinstance(node, InlineFragmentNode):
            yield from _fields_at_top(node.selection_set)


def check_limits(document: DocumentNode) -> None:
    """Raises QueryTooLargeError."""
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    _most("operations", len(operations), MAX_OPERATIONS)
    _most("directives", _count_directives(document), MAX_DIRECTIVES)
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    spread: set[str] = set()
    for operation in operations:
        _Walk(fragments, spread).follow(operation.selection_set, (), 1, 1)
    # A fragment that nobody spreads is validated all the same.
    for name, fragment in fragments.items():
        if name not in spread:
            _Walk(fragments, spread).follow(fragment.selection_set, (), 1, 1)


def _count_directives(document: DocumentNode) -> int:
    count, token = 0, document.loc.start_token if document.loc else None
    while token is not None:
        count += token.kind is TokenKind.AT
        token = token.next
    return count


def _most(what: str, found: int, most: int) -> None:
    if found > most:
        raise QueryTooLargeError(f"expected at most {most} {what}")


class _Walk:
    """One operation, with its fragments followed."""

    def __init__(self, fragments: dict[str, FragmentDefinitionNode], spread: set[str]) -> None:
        self._fragments, self._spread_somewhere = fragments, spread
        self._aliases = self._fields = self._cost = 0
        self._at: Counter[tuple[str, ...]] = Counter()
        self._inside: list[str] = []

    def follow(self, selections: SelectionSetNode, path: tuple[str, ...], times: int, nesting: int) -> None:
        """`path` leads to the selections in the answer, and `times` is how often they may be answered."""
        _most("levels of nesting, fragments included", nesting, MAX_NESTING)
        for node in selections.selections:
            if isinstance(node, FieldNode):
                self._field(node, path, times, nesting)
            elif isinstance(node, InlineFragmentNode):
                self.follow(node.selection_set, path, times, nesting + 1)
            elif isinstance(node, FragmentSpreadNode):
                self._spread(node.name.value, path, times, nesting)

    def _spread(self, name: str, path: tuple[str, ...], times: int, nesting: int) -> None:
        fragment = self._fragments.get(name)
        if name in self._inside:
            raise QueryTooLargeError("expected no fragment that contains itself")
        # That it is unknown is validation's business.
        if fragment is not None:
            self._spread_somewhere.add(name)
            self._inside.append(name)
            self.follow(fragment.selection_set, path, times, nesting + 1)
            self._inside.pop()

    def _field(self, node: FieldNode, path: tuple[str, ...], times: int, nesting: int) -> None:
        name = node.name.value
        place = (*path, node.alias.value if node.alias else name)
        self._fields += 1
        self._aliases += node.alias is not None
        self._at[place] += 1
        times *= LIST_SIZES.get(name, 1)
        self._cost += times
        _most("fields, fragments included", self._fields, MAX_FIELDS)
        _most("aliases, fragments included", self._aliases, MAX_ALIASES)
        _most("selections of the same field in one place", self._at[place], MAX_REPEATS)
        _most("fields of the answer by our estimate", self._cost, MAX_COST)
        is_schema = place[0] in _INTROSPECTION
        _most("levels of fields", len(place), MAX_INTROSPECTION_DEPTH if is_schema else MAX_DEPTH)
        if node.selection_set is not None:
            self.follow(node.selection_set, place, times, nesting + 1)
