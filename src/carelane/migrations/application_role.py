"""The role that server and worker act as: how its sessions begin, what it may not be, and how it reaches the database."""

from typing import LiteralString

import psycopg
from psycopg import sql

from carelane.kit.db import SESSION_DEFAULTS
from carelane.kit.errors import MendableError

_FAULTS: LiteralString = """
SELECT r.rolsuper, r.rolbypassrls,
       EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
               WHERE n.nspname = 'public' AND c.relname = 'cases' AND pg_has_role(current_user, c.relowner, 'MEMBER')),
       pg_has_role(current_user, 'carelane_system', 'MEMBER'),
       NOT pg_has_role(current_user, 'carelane_app', 'USAGE')
FROM pg_roles r WHERE r.rolname = current_user
"""
_FAULT_NAMES = (
    "is a superuser",
    "has BYPASSRLS",
    "owns the tables",
    "is a member of carelane_system",
    "is not a member of carelane_app (as the owner: GRANT carelane_app TO the role)",
)


class UnsafeRoleError(MendableError):
    """The server would act as a role that row-level security does not bind."""


class SessionDefaultsError(MendableError):
    """Sessions of the application role do not begin with the defaults that `carelane migrate` gives it."""


class PoolerError(MendableError):
    """CARELANE_DATABASE_URL leads to a connection pooler: set CARELANE_DATABASE_POOLED=true."""


def set_session_defaults(application_url: str) -> None:
    """Gives the role SESSION_DEFAULTS in this database. Any role may do this for itself, and the tables' owner need not."""
    with psycopg.connect(application_url, autocommit=True) as conn:
        # By its own name: a pooler may know the database by another.
        database = conn.execute("SELECT current_database()").fetchone()
        assert database is not None
        for name, value in SESSION_DEFAULTS.items():
            conn.execute(
                sql.SQL("ALTER ROLE CURRENT_USER IN DATABASE {} SET {} = {}").format(
                    sql.Identifier(database[0]), sql.Identifier(name), sql.Literal(value)
                )
            )


def has_session_defaults(application_url: str) -> bool:
    with psycopg.connect(application_url, autocommit=True) as conn:
        return not _wrong_defaults(conn)


def require_good_sessions(application_url: str, *, pooled: bool) -> None:
    """Raises UnsafeRoleError when the role could see every organization's rows, or none; SessionDefaultsError, PoolerError.

    The schema must be current.
    """
    with psycopg.connect(application_url, autocommit=True) as conn:
        _require_safe_role(conn)
        if not pooled:
            _require_no_pooler(conn)
        wrong = _wrong_defaults(conn)
    if wrong:
        raise SessionDefaultsError(
            f"CARELANE_DATABASE_URL: {', '.join(wrong)}; run `carelane migrate`, which gives the role its defaults"
            + (", then let the pooler connect anew (in PgBouncer's console: RECONNECT)" if pooled else "")
        )


def _require_safe_role(conn: psycopg.Connection) -> None:
    row = conn.execute(_FAULTS).fetchone()
    faults = [name for name, found in zip(_FAULT_NAMES, row or (), strict=False) if found]
    if faults:
        raise UnsafeRoleError(
            f"CARELANE_DATABASE_URL: the role {conn.info.user} {', '.join(faults)}; give the server another role"
        )


def _require_no_pooler(conn: psycopg.Connection) -> None:
    """A pooler that changes connections between transactions would let one client run what another prepared.

    It gives its clients process numbers of its own, because theirs are those of many.
    """
    row = conn.execute("SELECT pg_backend_pid()").fetchone()
    if row != (conn.info.backend_pid,):
        raise PoolerError((PoolerError.__doc__ or "").strip())


def _wrong_defaults(conn: psycopg.Connection) -> list[str]:
    found = conn.execute(
        "SELECT name, current_setting(name) FROM unnest(%s::text[]) AS name", (list(SESSION_DEFAULTS),)
    ).fetchall()
    return [
        f"{name} is {value}, expected {SESSION_DEFAULTS[name]}"
        for name, value in found
        if value != SESSION_DEFAULTS[name]
    ]
