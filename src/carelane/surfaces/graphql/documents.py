"""From the text of a query to a document that may be executed: read, measured and validated once."""

from collections import OrderedDict

import msgspec
from graphql import DocumentNode, GraphQLError, GraphQLSchema, parse, validate

from carelane.kit.errors import CarelaneError
from carelane.surfaces.graphql.limits import MAX_TOKENS, QueryTooLargeError, check_limits, introspects

# Clients ask the same few queries again and again. A document takes some 60 times the memory of its text.
MAX_REMEMBERED_CHARACTERS = 131_072
MAX_ERRORS = 20


class SyntaxFaultError(CarelaneError):
    """The query is not GraphQL"""

    status = 400
    code = "GRAPHQL_PARSE_FAILED"


class ReadDocument(msgspec.Struct, frozen=True):
    """What is wrong with it, or the document itself."""

    document: DocumentNode | None
    errors: list[GraphQLError]
    introspects: bool = False


class Documents:
    """Those that were asked last, by their text."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._read: OrderedDict[str, ReadDocument] = OrderedDict()
        self._characters = 0

    def read(self, text: str) -> ReadDocument:
        found = self._read.get(text)
        if found is not None:
            self._read.move_to_end(text)
            return found
        found = self._read_anew(text)
        # What cannot be executed is no client's query, and would push out those that are.
        if found.document is not None:
            self._read[text] = found
            self._characters += len(text)
            while self._characters > MAX_REMEMBERED_CHARACTERS:
                self._characters -= len(self._read.popitem(last=False)[0])
        return found

    def _read_anew(self, text: str) -> ReadDocument:
        try:
            document = parse(text, max_tokens=MAX_TOKENS, allow_empty_selection_sets=False)
            check_limits(document)
            # Suggestions would tell the schema piece by piece.
            errors = validate(self._schema, document, max_errors=MAX_ERRORS, hide_suggestions=True)
        except QueryTooLargeError as error:
            return ReadDocument(None, [GraphQLError(error.detail, original_error=error)])
        except GraphQLError as error:
            fault = SyntaxFaultError(error.message)
            return ReadDocument(
                None,
                [GraphQLError(error.message, source=error.source, positions=error.positions, original_error=fault)],
            )
        return ReadDocument(None, errors) if errors else ReadDocument(document, [], introspects(document))
