"""A process that crashes must not leave its memory behind on disk: keys and people's health information are in it."""

import resource


def forbid() -> None:
    """For this process and all that it starts, the embedded PostgreSQL among them; none of them can allow it again."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
