"""What an answer says is wrong."""

import httpx


def fields(response: httpx.Response) -> list[str]:
    """The offending fields of a refused body, in alphabetical order."""
    return sorted(problem["field"] for problem in response.json()["errors"])
