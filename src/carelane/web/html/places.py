"""Where the console is, for mails that lead there."""


def at_console(public_url: str | None, path: str = "") -> str:
    """` at https://care.example/console/queue`; nothing where the server does not know how people reach it."""
    return f" at {public_url.rstrip('/')}/console{path}" if public_url else ""
