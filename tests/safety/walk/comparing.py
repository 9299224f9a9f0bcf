"""What the walk compares: an organization's rows before and after, and what is answered about ids that exist nowhere."""

import re
from typing import Any
from uuid import UUID

import httpx
import psycopg
from psycopg import sql

_TABLES = """
SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
  AND a.attname = CASE c.relname WHEN 'organizations' THEN 'id' ELSE 'organization_id' END
"""

Rows = dict[str, set[str]]


def rows_of(owner_url: str, organization_id: UUID) -> Rows:
    """Every row of the organization, as text, by its table."""
    with psycopg.connect(owner_url) as conn:
        return {
            table: {
                text
                for (text,) in conn.execute(
                    sql.SQL("SELECT t::text FROM {} t WHERE {} = %s").format(
                        sql.Identifier(table), sql.Identifier(column)
                    ),
                    (organization_id,),
                )
            }
            for table, column in conn.execute(_TABLES).fetchall()
        }


def differences(before: Rows, after: Rows) -> set[str]:
    """The tables in which anything is not as it was."""
    return {table for table in before.keys() | after.keys() if before.get(table) != after.get(table)}


def steady(answer: httpx.Response) -> str:
    """What is answered, without what differs each time."""
    return re.sub(r'"requestId":"[^"]*"', "", answer.text)


def in_other_words(told: Any, words: dict[str, str]) -> Any:
    """The same with some ids and names in place of others, wherever they stand."""
    if isinstance(told, str):
        for old, new in words.items():
            told = told.replace(old, new)
        return told
    if isinstance(told, bytes):
        return in_other_words(told.decode(), words).encode()
    if isinstance(told, dict):
        return {in_other_words(name, words): in_other_words(value, words) for name, value in told.items()}
    if isinstance(told, list):
        return [in_other_words(value, words) for value in told]
    return told


def ids_in(*records: Any) -> set[str]:
    """Every UUID that the records hold, as text."""
    found: set[str] = set()
    for value in (value for record in records for value in (record if isinstance(record, tuple) else (record,))):
        try:
            found.add(str(UUID(str(value))))
        except ValueError:
            continue
    return found
