"""What each of httpx's clients needs for TLS, made once in a process. Anew it would read the certificates of the whole world, which
takes 26 ms, and no test talks to the world.
"""

from functools import cache

from httpx._transports import default


def share_context() -> None:
    default.create_ssl_context = cache(default.create_ssl_context)
