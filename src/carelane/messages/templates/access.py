"""Which HTML a mail may hold: a small list of elements and attributes; nothing runs, and nothing is loaded from anywhere. No I/O.

What is let through is written anew from what was read, so that no mail program can read it in another way.
"""

import re
from collections.abc import Iterable
from html import escape
from html.parser import HTMLParser

import msgspec

_VOID = frozenset({"br", "hr"})
ELEMENTS = _VOID | frozenset(
    [
        "a",
        "b",
        "blockquote",
        "div",
        "em",
        "h1",
        "h2",
        "h3",
        "h4",
        "i",
        "li",
        "ol",
        "p",
        "small",
        "span",
        "strong",
        "table",
        "tbody",
        "td",
        "th",
        "thead",
        "tr",
        "u",
        "ul",
    ]
)
_ATTRIBUTES = frozenset({"align", "border", "cellpadding", "cellspacing", "colspan", "rowspan", "width", "dir", "lang"})
_PLAIN = re.compile(r"[\w%. -]{0,40}", re.ASCII)
_PROPERTIES = frozenset(
    [
        "background-color",
        "border",
        "border-bottom",
        "border-collapse",
        "border-radius",
        "border-top",
        "color",
        "display",
        "font-family",
        "font-size",
        "font-style",
        "font-weight",
        "letter-spacing",
        "line-height",
        "margin",
        "margin-bottom",
        "margin-left",
        "margin-right",
        "margin-top",
        "max-width",
        "padding",
        "padding-bottom",
        "padding-left",
        "padding-right",
        "padding-top",
        "text-align",
        "text-decoration",
        "vertical-align",
        "width",
    ]
)
# Nothing with parentheses, so no address and no script.
_VALUE = re.compile(r"[\w#.,%' +-]{1,120}", re.ASCII)
_ADDRESS = re.compile(r"(https://|mailto:|tel:)[^\s<>\"'{}]+")
_MOST_PROBLEMS = 10


class Checked(msgspec.Struct, frozen=True):
    """`html` is what may be sent once there are no problems; `plain` the same without its looks, for a page of ours."""

    html: str
    plain: str
    problems: list[str]


def checked(html: str, variables: Iterable[str]) -> Checked:
    reader = _Reader({f"{{{name}}}" for name in variables if name.lower().endswith("link")})
    reader.feed(html)
    reader.close()
    reader.end()
    return Checked(
        "".join(reader.written), "".join(reader.plain), list(dict.fromkeys(reader.problems))[:_MOST_PROBLEMS]
    )


class _Reader(HTMLParser):
    def __init__(self, links: set[str]) -> None:
        super().__init__(convert_charrefs=True)
        self.written: list[str] = []
        self.plain: list[str] = []
        self.problems: list[str] = []
        self._links = links
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ELEMENTS:
            self.problems.append(f"expected no <{tag[:40]}>; these may stand in a mail: {' '.join(sorted(ELEMENTS))}")
            return
        good = [(name, value or "") for name, value in attrs if self._is_good(tag, name, value or "")]
        for written, some in ((self.written, good), (self.plain, [one for one in good if one[0] == "href"])):
            written.append(f"<{tag}{''.join(f' {name}={_quoted(value)}' for name, value in some)}>")
        if tag not in _VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag in ELEMENTS - _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in ELEMENTS or tag in _VOID:
            return
        if not self._open or self._open[-1] != tag:
            self.problems.append(
                f"expected </{self._open[-1]}> before </{tag}>" if self._open else f"expected no </{tag}> here"
            )
            return
        self._open.pop()
        self._write(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self._write(escape(data, quote=False))

    def handle_comment(self, data: str) -> None:  # noqa: ARG002
        self.problems.append("expected no comments")

    def handle_decl(self, decl: str) -> None:  # noqa: ARG002
        self.problems.append("expected what stands inside of <body> only: the rest is written by us")

    def handle_pi(self, data: str) -> None:  # noqa: ARG002
        self.problems.append("expected no processing instructions")

    def unknown_decl(self, data: str) -> None:  # noqa: ARG002
        self.problems.append("expected no CDATA")

    def end(self) -> None:
        self.problems += [f"expected </{tag}> at the end" for tag in self._open]

    def _write(self, text: str) -> None:
        self.written.append(text)
        self.plain.append(text)

    def _is_good(self, tag: str, name: str, value: str) -> bool:
        problem = self._problem_of(tag, name, value)
        if problem:
            self.problems.append(problem)
        return problem is None

    def _problem_of(self, tag: str, name: str, value: str) -> str | None:
        if name == "href" and tag == "a":
            is_good = value in self._links or _ADDRESS.fullmatch(value) is not None
            return None if is_good else "href: expected https:, mailto:, tel: or a variable with a link"
        if name == "style":
            return _problem_of_style(value)
        if name not in _ATTRIBUTES:
            return f"expected no {name[:40]} on <{tag}>"
        return None if _PLAIN.fullmatch(value) else f"{name}: expected letters and digits"


def _problem_of_style(style: str) -> str | None:
    for rule in filter(None, (one.strip() for one in style.split(";"))):
        name, _, value = (one.strip() for one in rule.partition(":"))
        if name.lower() not in _PROPERTIES:
            return f"style: expected no {name[:40]}"
        if not _VALUE.fullmatch(value):
            return f"style: expected a plain value of {name}"
    return None


def _quoted(value: str) -> str:
    return f'"{escape(value)}"'
