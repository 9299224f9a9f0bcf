"""What was found, and how bad it is."""

from carelane.orders.schemas import FindingOut
from carelane.web.problems import MAX_PROBLEMS


class Findings:
    """Nothing more is said about a refused field, and one doubt about a field is enough: the first fault of a value says more
    than what follows from it. What is doubted, the profile `compat` accepts with a warning and `strict` refuses."""

    def __init__(self, *, is_strict: bool) -> None:
        self._is_strict = is_strict
        self._refused: set[str] = set()
        self._doubted: set[str] = set()
        self.found: list[FindingOut] = []

    def refuse(self, field: str, message: str) -> None:
        if field not in self._refused:
            self._refused.add(field)
            self._add(FindingOut(field, message, "refuse"))

    def doubt(self, field: str, message: str) -> None:
        if self._is_strict:
            self.refuse(field, message)
        elif field not in self._refused | self._doubted:
            self._doubted.add(field)
            self._add(FindingOut(field, message, "warn"))

    def tell(self, field: str, message: str) -> None:
        """Nothing is wrong with it; but whoever orders should know."""
        self._add(FindingOut(field, message, "warn"))

    def _add(self, finding: FindingOut) -> None:
        if len(self.found) < MAX_PROBLEMS:
            self.found.append(finding)
