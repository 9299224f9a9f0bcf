"""Finding every fault of a body that msgspec has refused.

msgspec stops at the first fault; callers want all of them at once. So values are given to msgspec again, part by part, and only
a part that it refuses is looked into. What a type looks like is found out once, because asking msgspec is slow. What a caller
can make us do is bounded: a list that is far too long is one fault, places are spelled out for faults only, and are cut.
"""

from collections.abc import Iterator
from functools import cached_property
from typing import Any

import msgspec
from msgspec.structs import FieldInfo

from carelane.kit.errors import FieldProblem

# More problems than this help nobody, and the answer must stay small whatever was sent.
MAX_PROBLEMS = 100
MAX_NAME_CHARACTERS = 80
MAX_STEPS = 16

_EXPECTED = {
    "Invalid RFC3339 encoded date": "expected a calendar date as YYYY-MM-DD",
    "Invalid RFC3339 encoded datetime": "expected a moment such as 2026-03-02T09:30:00Z",
    "Invalid decimal string": "expected a number",
}

# A place in a body: the place around it, and the name or the position in there. None is the body itself.
Place = tuple[Any, str | int] | None


class Shape:
    """What there is to know of a type such as `Annotated[list[X], …] | None`."""

    def __init__(self, wanted: Any) -> None:
        self.wanted = wanted
        self._info = msgspec.inspect.type_info(wanted)
        self._options = [_bare(option) for option in _options(_bare(self._info))]
        structs = [option.cls for option in self._options if isinstance(option, msgspec.inspect.StructType)]
        lists = [option for option in self._options if isinstance(option, msgspec.inspect.ListType)]
        # Unions of several structs are left to msgspec, which says which one it took.
        self.struct: type[msgspec.Struct] | None = structs[0] if len(structs) == 1 else None
        self._list = lists[0] if len(lists) == 1 else None
        self._only: Any = msgspec.defstruct("Only", [("value", wanted)], array_like=True)

    @cached_property
    def fields(self) -> dict[str, FieldInfo]:
        """The struct's fields by their names on the wire."""
        return {field.encode_name: field for field in msgspec.structs.fields(self.struct)} if self.struct else {}

    @cached_property
    def wire_names(self) -> dict[str, str]:
        """The fields' names on the wire, by these and by our own names."""
        return {field.name: name for name, field in self.fields.items()} | {name: name for name in self.fields}

    @cached_property
    def members(self) -> dict[str, "Shape"]:
        return {name: Shape(field.type) for name, field in self.fields.items()}

    @cached_property
    def item(self) -> "Shape | None":
        """What a list of this type holds."""
        return Shape(_item_type(self.wanted)) if self._list is not None else None

    def takes(self, *kinds: type[msgspec.inspect.Type]) -> bool:
        """Whether one of the types that make it up is of these kinds."""
        return any(isinstance(option, kinds) for option in self._options)

    @cached_property
    def words(self) -> dict[str, str]:
        """The words that it is one of, by themselves and by their letters in lower case."""
        literals = [option for option in self._options if isinstance(option, msgspec.inspect.LiteralType)]
        words = [str(value) for literal in literals for value in literal.values]
        return {letters_of(word): word for word in words} | {word: word for word in words}

    @property
    def forbids_unknown(self) -> bool:
        return self.struct is not None and self.struct.__struct_config__.forbid_unknown_fields

    def is_far_beyond(self, items: list[Any]) -> bool:
        """Whether a list is so much longer than it may be that its items do not matter."""
        most = self._list.max_length if self._list is not None else None
        return most is not None and len(items) > most + MAX_PROBLEMS

    def fault_of(self, raw: Any) -> str | None:
        """What msgspec has against the value, in its own words."""
        try:
            # As the only member of a struct, because msgspec remembers what it has found out about structs only.
            msgspec.convert((raw,), self._only)
        except (msgspec.ValidationError, RecursionError) as error:
            return plain(error)
        return None


def letters_of(word: str) -> str:
    """What is the same in `created_date`, `createdDate` and `CREATED_DATE`."""
    return word.replace("_", "").casefold()


_shapes: dict[Any, Shape] = {}


def shape_of(wanted: Any) -> Shape:
    """That of a body's type."""
    shape = _shapes.get(wanted)
    if shape is None:
        shape = _shapes[wanted] = Shape(wanted)
    return shape


def list_problems(raw: Any, wanted: Any) -> list[FieldProblem]:
    """Every place where `raw` (plain JSON values) does not fit the type `wanted`, at most MAX_PROBLEMS of them."""
    problems: list[FieldProblem] = []
    _look_into(raw, shape_of(wanted), None, problems)
    return problems[:MAX_PROBLEMS]


def _look_into(raw: Any, shape: Shape, place: Place, problems: list[FieldProblem]) -> None:
    fault = shape.fault_of(raw)
    if fault is None:
        return
    before = len(problems)
    if shape.struct is not None and isinstance(raw, dict):
        _look_into_struct(raw, shape, place, problems)
    elif shape.item is not None and isinstance(raw, list) and not shape.is_far_beyond(raw):
        for index, value in enumerate(raw):
            if len(problems) >= MAX_PROBLEMS:
                return
            _look_into(value, shape.item, (place, index), problems)
    if len(problems) == before:
        # Either a leaf, or a struct whose fields are good each for itself: what is left is its own rule or length.
        problems.append(_own_problem(shape, place, in_words(fault, shape.wanted)))


def _look_into_struct(raw: dict[str, Any], shape: Shape, place: Place, problems: list[FieldProblem]) -> None:
    for name, member in shape.members.items():
        if name in raw:
            _look_into(raw[name], member, (place, name), problems)
        elif shape.fields[name].required:
            problems.append(FieldProblem(spell((place, name)), f"{name} is required"))
    if not shape.forbids_unknown:
        return
    for name in raw:
        if len(problems) >= MAX_PROBLEMS:
            return
        if name not in shape.fields:
            expected = f"unknown; expected one of {', '.join(shape.fields)}"
            problems.append(FieldProblem(spell((place, name)), expected))


def _own_problem(shape: Shape, place: Place, message: str) -> FieldProblem:
    """A struct's own rule (`__post_init__`) names its field in the first word: `answer is required`."""
    name = message.split(" ", maxsplit=1)[0]
    return FieldProblem(spell((place, name) if name in shape.fields else place), message)


def spell(place: Place) -> str:
    """`items[0].name`; `body` for the whole. Names that a caller made up, and places very deep inside, are cut."""
    steps: list[str] = []
    while place is not None:
        place, step = place
        steps.append(f"[{step}]" if isinstance(step, int) else f".{_cut(step)}")
    shown = "".join(reversed(steps[-MAX_STEPS:])).removeprefix(".")
    return (f"{shown}…" if len(steps) > MAX_STEPS else shown) or "body"


def _cut(name: str) -> str:
    return name if len(name) <= MAX_NAME_CHARACTERS else f"{name[:MAX_NAME_CHARACTERS]}…"


def in_words(text: str, wanted: Any) -> str:
    """msgspec's `text` about a value of the type `wanted`; for a choice it would repeat the wrong value."""
    if text.startswith("Invalid enum value"):
        return f"expected one of {', '.join(_choices(msgspec.inspect.type_info(wanted)))}"
    if "matching regex" in text:
        described = _description(wanted)
        return f"expected {described}" if described else text
    return _EXPECTED.get(text, text)


def _description(wanted: Any) -> str | None:
    """What a type says of itself in words, at the first place where it does."""
    for note in getattr(wanted, "__metadata__", ()):
        if isinstance(note, msgspec.Meta) and note.description:
            return note.description
    inner = [getattr(wanted, "__origin__", None), *getattr(wanted, "__args__", ())]
    return next((found for one in inner if one is not None and (found := _description(one))), None)


def plain(error: Exception) -> str:
    """msgspec's message without its path, which the problem carries in its own member."""
    return str(error).split(" - at `")[0]


def _bare(info: msgspec.inspect.Type) -> msgspec.inspect.Type:
    while isinstance(info, msgspec.inspect.Metadata):
        info = info.type
    return info


def _options(info: msgspec.inspect.Type) -> tuple[msgspec.inspect.Type, ...]:
    return info.types if isinstance(info, msgspec.inspect.UnionType) else (info,)


def _choices(info: msgspec.inspect.Type) -> Iterator[str]:
    if isinstance(info, msgspec.inspect.LiteralType):
        yield from map(str, info.values)
    elif isinstance(info, msgspec.inspect.EnumType):
        # As msgspec lists those of a Literal; an empty one is a value left out.
        yield from sorted(str(member.value) for member in info.cls if member.value != "")
    elif isinstance(info, msgspec.inspect.UnionType):
        for option in info.types:
            yield from _choices(option)
    elif isinstance(info, msgspec.inspect.ListType):
        yield from _choices(info.item_type)
    elif isinstance(info, msgspec.inspect.Metadata):
        yield from _choices(info.type)


def _item_type(wanted: Any) -> Any:
    """The X of the first `list[X]` inside a type, however it is wrapped."""
    if getattr(wanted, "__origin__", None) is list:
        return wanted.__args__[0]
    for inner in getattr(wanted, "__args__", ()) or ():
        found = _item_type(inner)
        if found is not None:
            return found
    origin = getattr(wanted, "__origin__", None)
    return _item_type(origin) if origin is not None and origin is not wanted and not isinstance(origin, type) else None
