"""SQL that finds patients by what they are known by."""

from typing import LiteralString

from carelane.kit.emails import mailbox_of
from carelane.kit.names import fold_name
from carelane.kit.phones import digits_of

# A part of a word is looked for in so many, the newest, and in as many of those who are archived.
MOST_SEEN = 20_000
# Of those who have something that begins with the text, so many.
MOST_BEGUN = 1_000
_BETWEEN_WORDS = str.maketrans(dict.fromkeys(' .,;:/_()"\u00b7\u2010\u2011\u2012\u2013\u2014\u2015-', " "))


_OF: LiteralString = "SELECT * FROM patients p WHERE p.organization_id = %(organization_id)s"
_STANDING: LiteralString = "coalesce(p.merged_into_id, p.id)"
_NEWEST: LiteralString = "ORDER BY p.created_at DESC, p.id DESC LIMIT %(most_seen)s"
_BEGUN: LiteralString = f"""(
  SELECT DISTINCT t.record_id FROM unnest(%(beginnings)s::text[]) b (beginning), LATERAL (
    SELECT t.record_id FROM search_tokens t
    WHERE t.organization_id = %(organization_id)s AND t.kind = 'patient'
      AND t.token >= b.beginning AND t.token < b.beginning || U&'\\+10FFFF'
    ORDER BY t.token LIMIT %(most_begun)s) t) t, LATERAL ({_OF} AND p.id = t.record_id LIMIT 1) p
"""


def found(condition: LiteralString) -> LiteralString:
    """SQL for the patients `p` for whom the condition holds and who are not archived. Needs the values of `values_of`, and
    %(organization_id)s."""
    return f"""
SELECT p.* FROM ({_OF} AND p.archived_at IS NULL {_NEWEST}) p WHERE {condition}
UNION ALL
SELECT p.* FROM {_BEGUN} WHERE {condition} AND p.archived_at IS NULL AND (p.created_at, p.id) < (
  SELECT n.created_at, n.id FROM patients n WHERE n.organization_id = %(organization_id)s AND n.archived_at IS NULL
  ORDER BY n.created_at DESC, n.id DESC LIMIT 1 OFFSET %(most_seen)s - 1)
"""


def found_ids(condition: LiteralString) -> LiteralString:
    """As `found`, their ids; those of archived patients, too. A record that was merged stands for the one that stayed, which has all
    that was its."""
    return f"""
SELECT p.id FROM ({_OF} AND p.archived_at IS NULL {_NEWEST}) p WHERE {condition}
UNION SELECT {_STANDING} FROM ({_OF} AND p.archived_at IS NOT NULL {_NEWEST}) p WHERE {condition}
UNION SELECT {_STANDING} FROM {_BEGUN} WHERE {condition}
"""


def values_of(*beginnings: str) -> dict[str, object]:
    return {"most_seen": MOST_SEEN, "most_begun": MOST_BEGUN, "beginnings": [one for one in beginnings if one[2:]]}


def of_name(text: str) -> str:
    """The token that a name with this beginning has."""
    return "n:" + " ".join((fold_name(text) or text.lower()).translate(_BETWEEN_WORDS).split())[:100]


def of_email(text: str) -> str:
    return "m:" + mailbox_of(text)[:320]


def of_phone(text: str) -> str:
    return "t:" + digits_of(text)[:20]


def of_code(text: str) -> str:
    """An id of the storefront's."""
    return "i:" + "".join(letter for letter in text.lower() if letter.isascii() and letter.isalnum())[:100]
