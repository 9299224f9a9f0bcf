"""The filters in the address of a list."""

from collections import Counter
from collections.abc import Collection

from carelane.kit.errors import FieldProblem, InvalidRequestError
from carelane.web.problems import MAX_PROBLEMS, spell
from carelane.web.routes import ActorRequest

# Where in the list one is, and the news that the page begins with.
_OF_EVERY_LIST = frozenset({"after", "done"})


def require_known(
    request: ActorRequest, known: Collection[str], *, several: Collection[str] = (), beside: Collection[str] = ()
) -> None:
    """Raises InvalidRequestError for a name that is no filter: to pass over it would show what nobody asked for.

    `several` may be sent more than once; `beside` is what the page takes that is no filter.
    """
    problems = []
    for name, times in Counter(name for name, _text in request.query_params.multi_items()).items():
        if name not in known and name not in _OF_EVERY_LIST and name not in beside:
            said = f"there is no filter of that name; expected {', '.join(known)}"
            problems.append(FieldProblem(spell((None, name)), said, "query"))
        elif times > 1 and name not in several:
            problems.append(FieldProblem(name, "expected once", "query"))
    if problems:
        raise InvalidRequestError(problems=problems[:MAX_PROBLEMS])


def filters_of(request: ActorRequest, *known: str, several: Collection[str] = ()) -> dict[str, str]:
    """Those in the address that something stands in; `several` are the page's own to read. Raises InvalidRequestError for one that is none."""
    require_known(request, known, several=several, beside=("page", *several))
    wrong = [name for name, text in request.query_params.items() if name in known and "\0" in text]
    if wrong:
        problem = "expected text without the character U+0000"
        raise InvalidRequestError(problems=[FieldProblem(name, problem, "query") for name in wrong])
    return {name: text.strip() for name, text in request.query_params.items() if name in known and text.strip()}
