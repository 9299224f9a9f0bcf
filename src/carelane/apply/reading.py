"""From a YAML file to `OrganizationFile`s: every fault is listed with its line, and a file with a fault is refused as a whole."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import yaml

from carelane.apply.errors import InvalidFileError
from carelane.apply.organization.schemas import OrganizationFile, OrganizationsFile, broken_rules
from carelane.kit.errors import FieldProblem
from carelane.web.problems import list_problems

# Over HTTP, too: what an export says must be taken again, though reading that much YAML takes ten seconds.
MAX_FILE_BYTES = 4_194_304

# Where secrets stand, which may name variables.
_SECRETS = {
    "keys": ("secret",),
    "clients": ("secret",),
    "staff": ("password", "totpSecret"),
    "pharmacies": ("secret",),
    "webhooks": ("secret",),
}
# The same in what is no list, by the way that leads there.
_SECRETS_WITHIN = {
    ("payments", "gateways", "stripe", mode): ("secretKey", "webhookSecret", "previousWebhookSecret")
    for mode in ("test", "live")
}
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


class _Loader(yaml.SafeLoader):
    """YAML in which only true, false, null and whole numbers are more than text.

    The usual loader turns the options Yes and No into booleans, 99.99 into a binary fraction, 01234 into octal, and lets
    the second of two equal keys win.
    """

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - yaml's own attribute

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        names: set[str] = set()
        for key, _ in node.value:
            # Other keys than text are refused by the usual loader.
            if not isinstance(key, yaml.ScalarNode):
                continue
            if key.value in names:
                raise yaml.constructor.ConstructorError(None, None, f"{key.value} stands here twice", key.start_mark)
            names.add(key.value)
        return super().construct_mapping(node, deep)


class _SentLoader(_Loader):
    """Without aliases: a few kilobytes of them are more than a process could look through."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.constructor.ConstructorError(None, None, "expected no alias in a file that is sent", mark)
        return super().compose_node(parent, index)


_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(true|false)$"), list("tf"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(~|null|)$"), ["~", "n", ""])
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^-?(0|[1-9][0-9]*)$"), list("-0123456789"))


def read_file(path: Path, variables: Mapping[str, str]) -> list[OrganizationFile]:
    """The organizations in the file, checked. Raises InvalidFileError that lists every fault with its place."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise InvalidFileError(f"{path}: {error.strerror}") from None
    if len(content) > MAX_FILE_BYTES:
        raise InvalidFileError(f"{path}: expected at most {MAX_FILE_BYTES} bytes")
    return check_raw(_parse(content), variables)


def read_sent(content: bytes) -> list[OrganizationFile]:
    """Likewise of a file that was sent: that of one organization, without aliases. It may name no variables of ours: a secret that is one
    is not looked at, and stays as it is. Raises InvalidFileError."""
    if len(content) > MAX_FILE_BYTES:
        raise InvalidFileError(f"expected a file of at most {MAX_FILE_BYTES:,} bytes")
    raw = _parse(content, _SentLoader)
    if isinstance(raw, dict) and "organizations" in raw:
        raise InvalidFileError(problems=[FieldProblem("organizations", "expected the file of this clinic alone")])
    for _, part in _parts(raw):
        for _, entry, names in _with_secrets(part):
            for name in names:
                if isinstance(entry.get(name), str) and _VARIABLE.search(entry[name]):
                    del entry[name]
    return check_raw(raw, {})


def check_raw(raw: Any, variables: Mapping[str, str]) -> list[OrganizationFile]:
    """What was read as YAML, with the variables filled in. Raises InvalidFileError that lists every fault."""
    _fill_in_secrets(raw, variables)
    files = _convert(raw)
    broken = broken_rules(files)
    if broken:
        raise InvalidFileError(problems=broken)
    return files


def with_lines(path: Path, error: InvalidFileError) -> list[str]:
    """`clinic.yaml:12: products[0].price: expected an amount such as 159 or 99.99` for each problem."""
    if not error.problems:
        return [str(error)]
    root = _compose(path)
    return [f"{path}:{line}: {text}" for line, text in (_told(problem, root) for problem in error.problems)]


def _convert(raw: Any) -> list[OrganizationFile]:
    several = isinstance(raw, dict) and "organizations" in raw
    problems = list_problems(raw, OrganizationsFile if several else OrganizationFile)
    if problems:
        raise InvalidFileError(problems=problems)
    return (
        msgspec.convert(raw, OrganizationsFile).organizations if several else [msgspec.convert(raw, OrganizationFile)]
    )


def _parse(content: bytes, loader: type[_Loader] = _Loader) -> Any:
    try:
        return yaml.load(content, loader)  # noqa: S506 - a SafeLoader
    except yaml.MarkedYAMLError as error:
        # Not the error's own text: it quotes the line, which may hold a secret.
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise InvalidFileError(problems=[FieldProblem(f"line {line}", error.problem or "not YAML")]) from None
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError):
        raise InvalidFileError(problems=[FieldProblem("file", "expected YAML in UTF-8")]) from None


def _fill_in_secrets(raw: Any, variables: Mapping[str, str]) -> None:
    """Puts the variables' values in place of `${NAME}` in secrets, and nowhere else."""
    problems: list[FieldProblem] = []
    for prefix, part in _parts(raw):
        for place, entry, names in _with_secrets(part):
            for name in names:
                if isinstance(entry.get(name), str):
                    entry[name] = _fill_in(entry[name], f"{prefix}{place}.{name}", variables, problems)
    if problems:
        raise InvalidFileError(problems=problems)


def _with_secrets(part: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], tuple[str, ...]]]:
    """Whatever may hold secrets in an organization, with its place and their names."""
    for section, names in _SECRETS.items():
        entries = part.get(section)
        for index, entry in enumerate(entries if isinstance(entries, list) else ()):
            if isinstance(entry, dict):
                yield f"{section}[{index}]", entry, names
    for way, names in _SECRETS_WITHIN.items():
        found: Any = part
        for step in way:
            found = found.get(step) if isinstance(found, dict) else None
        if isinstance(found, dict):
            yield ".".join(way), found, names


def _parts(raw: Any) -> list[tuple[str, dict[str, Any]]]:
    """The organizations in the raw file, each with the prefix of its places."""
    if not isinstance(raw, dict):
        return []
    several = raw.get("organizations")
    if isinstance(several, list):
        return [(f"organizations[{index}].", part) for index, part in enumerate(several) if isinstance(part, dict)]
    return [("", raw)]


def _fill_in(text: str, place: str, variables: Mapping[str, str], problems: list[FieldProblem]) -> str:
    def value_of(match: re.Match[str]) -> str:
        value = variables.get(match[1], "")
        if not value:
            problems.append(FieldProblem(place, f"the variable {match[1]} is not set"))
        return value

    return _VARIABLE.sub(value_of, text)


def _told(problem: FieldProblem, root: yaml.Node | None) -> tuple[int, str]:
    if problem.field.startswith("line "):
        return int(problem.field.removeprefix("line ")), problem.problem
    return _line_of(problem.steps(), root), f"{problem.field}: {problem.problem}"


def _line_of(steps: list[str | int], root: yaml.Node | None) -> int:
    """That of the place, or of what it would stand in."""
    node, line = root, 1
    several, _ = _inside(root, "organizations", 1)
    if several is not None and steps[:1] != ["organizations"]:
        # Of one that stands in a list alone.
        node, line = _inside(several, 0, 1)
    for step in steps:
        node, line = _inside(node, step, line)
        if node is None:
            break
    return line


def _inside(node: yaml.Node | None, step: str | int, line: int) -> tuple[yaml.Node | None, int]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == step:
                return value, key.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        item = node.value[step]
        return item, item.start_mark.line + 1
    return None, line


def _compose(path: Path) -> yaml.Node | None:
    try:
        return yaml.compose(path.read_bytes(), yaml.SafeLoader)
    except (OSError, yaml.YAMLError, UnicodeDecodeError, RecursionError):
        return None
