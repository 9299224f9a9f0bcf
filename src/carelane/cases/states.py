"""The states of a case. The database holds the same list as a constraint."""

from typing import Literal

CaseStatus = Literal["OPEN", "ASSIGNED", "IN_PROGRESS", "APPROVED", "REJECTED", "NO_DECISION", "ABANDONED"]
