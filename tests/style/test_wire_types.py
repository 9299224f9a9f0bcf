"""What goes over the wire: each type is named for its direction, once in the whole OpenAPI document and in the whole package."""

import ast
from collections import Counter

from tests.contract import the_contract
from tests.style.source import modules, none_of

ENDINGS = ("In", "Out", "Patch")
DOCUMENT = the_contract().document
SCHEMAS = DOCUMENT["components"]["schemas"]


def names_of_wire_types() -> list[str]:
    return [
        node.name
        for tree in modules().values()
        for node in tree.body
        if isinstance(node, ast.ClassDef) and node.name.endswith(ENDINGS)
    ]


def test_no_two_wire_types_share_a_name():
    """Two of one name would be named after their modules in the document, and a generated client would leave one out."""
    none_of(name for name, count in Counter(names_of_wire_types()).items() if count > 1)


def test_every_component_is_named_as_its_type_is():
    none_of(name for name, schema in SCHEMAS.items() if name != schema.get("title"))
    known = names_of_wire_types()
    # What may come as a form has a second component for it.
    none_of(set(SCHEMAS) - set(known) - {name.removesuffix("In") + "Form" for name in known})


def test_a_wire_type_is_named_for_its_direction():
    none_of(name for name in SCHEMAS if not name.endswith((*ENDINGS, "Form")))


def test_every_operation_has_an_id_of_its_own():
    ids = [operation["operationId"] for path in DOCUMENT["paths"].values() for operation in path.values()]
    none_of(name for name, count in Counter(ids).items() if count > 1)
    # Names of functions in any language; told apart by more than capitals.
    none_of(name for name in ids if not name.isidentifier() or not name[0].islower())
    assert len({name.lower() for name in ids}) == len(ids)
