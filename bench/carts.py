"""Carts: made with 1, 10 and 100 lines, listed and searched among 100,000, and converted."""

import asyncio
import json
from collections.abc import Callable, Coroutine, Iterator
from functools import partial
from itertools import count
from pathlib import Path

import httpx
import psycopg

from bench import limit
from bench.limit import Change
from bench.load import Load
from bench.recording import STAMP, record
from bench.rows import NEW_STAMP, Row
from bench.server import Server

CREATE = {1: "create cart, 1 line", 10: "create cart, 10 lines", 100: "create cart, 100 lines"}
LIST, SEARCH, SEARCH_SOLD, CONVERT = (
    "cart list of 100,000",
    "cart search of 100,000",
    "cart search by item",
    "convert cart",
)
NAMES = (*CREATE.values(), LIST, SEARCH, SEARCH_SOLD, CONVERT)
# Eight digits: ids of the sample are numbered, so that wrk and pgbench can name any cart.
FIRST = 20_000_000
# So many carts wait for each run of wrk and of pgbench, and some for the recording: a cart is converted once.
PER_RUN = 10_000
_RECORDED = FIRST + 90_000

# No request of the bench is to be refused for its number.
_REQUESTS = "UPDATE organizations SET requests_per_minute = 100000000 WHERE id = %(organization)s"
_PATIENTS = """
INSERT INTO patients (organization_id, id, email, first_name, last_name)
SELECT %(organization)s, (20000000 + n || '-0000-7000-8000-000000000001')::uuid, 'bench' || n || '@example.com', 'Ada',
  'Bench' || n FROM generate_series(0, 19999) n
"""
# The last tenth was converted or given up long ago; the others are drafts of three lines.
_CARTS = """
INSERT INTO carts (organization_id, id, patient_id, creator_id, status, currency, subtotal_cents, discount_cents, tax_cents,
  total_cents, created_at, updated_at)
SELECT %(organization)s, (20000000 + n || '-0000-7000-8000-000000000000')::uuid,
  (20000000 + n %% 20000 || '-0000-7000-8000-000000000001')::uuid, %(creator)s,
  CASE WHEN n < 95000 THEN 'DRAFT' WHEN n < 98000 THEN 'ABANDONED' ELSE 'EXPIRED' END, 'USD', 41799, 0, 0, 41799,
  now() - make_interval(mins => n), now() FROM generate_series(0, 99999) n
"""
_CART_LINES = """
INSERT INTO cart_lines (organization_id, id, cart_id, position, product_id, bundle_id, quantity, unit_price_cents, tax_cents,
  total_cents)
SELECT c.organization_id, gen_random_uuid(), c.id, n, CASE WHEN n < 2 THEN %(product)s::uuid END,
  CASE WHEN n = 2 THEN %(bundle)s::uuid END, 1, CASE WHEN n < 2 THEN 15900 ELSE 9999 END, 0,
  CASE WHEN n < 2 THEN 15900 ELSE 9999 END
FROM carts c, generate_series(0, 2) n WHERE c.organization_id = %(organization)s AND c.status = 'DRAFT'
"""
# The newest carts have them, which are on the first page, and those that no run converts.
_QUOTES = """
INSERT INTO quotes (organization_id, id, patient_id, cart_id, creator_id, status, currency, subtotal_cents, discount_cents,
  tax_cents, total_cents)
SELECT c.organization_id, gen_random_uuid(), c.patient_id, c.id, c.creator_id, 'DRAFT', c.currency, c.subtotal_cents,
  c.discount_cents, c.tax_cents, c.total_cents
FROM generate_series(0, 94999, 5) n JOIN carts c ON c.organization_id = %(organization)s
  AND c.id = (20000000 + n || '-0000-7000-8000-000000000000')::uuid
WHERE n < 100 OR n BETWEEN 60000 AND 89999 OR n > 90100
"""


def insert(server: Server) -> None:
    """100,000 carts of 20,000 patients, as the tables' owner."""
    values = {
        "organization": server.clinic.organization_id,
        "creator": server.clinic.creator_id,
        "product": server.clinic.product_id,
        "bundle": server.clinic.bundle_id,
    }
    with psycopg.connect(server.database.owner_url, autocommit=True) as conn:
        for statement in (_REQUESTS, _PATIENTS, _CARTS, _CART_LINES, _QUOTES):
            conn.execute(statement, values)
        conn.execute("VACUUM ANALYZE")


def rows(server: Server, folder: Path, only: str) -> Iterator[Row]:
    """Each is made when its turn comes, the lists first: other rows add carts, and a page of large ones costs more."""
    makers: dict[str, Callable[[], Coroutine[None, None, Row]]] = {
        LIST: lambda: _page(server, LIST, "/billing/cart"),
        SEARCH: lambda: _page(server, SEARCH, "/billing/cart?search=Bench1234"),
        SEARCH_SOLD: lambda: _page(server, SEARCH_SOLD, "/billing/cart?search=Semaglutide"),
        **{name: partial(create, server, folder, lines) for lines, name in CREATE.items()},
        CONVERT: lambda: convert(server),
    }
    return (asyncio.run(make()) for name, make in makers.items() if only in name)


async def create(server: Server, folder: Path, lines: int) -> Row:
    """The same body each time; a cart without a name gets an id of its own."""
    clinic, path = server.clinic, "/billing/cart"
    items = [{"itemId": clinic.product_id, "quantity": 1 + n, "discountPercentage": n % 30} for n in range(lines)]
    body = {"patientId": clinic.patient_id, "creatorId": clinic.creator_id, "discountPercentage": 10, "items": items}
    file = folder / f"cart-{lines}.json"
    file.write_text(json.dumps(body))
    trips = await record(server, lambda client: client.post(path, json=body))
    return Row(
        name=CREATE[lines],
        load=Load(path=path, script="post.lua", arguments=[str(file)]),
        script=limit.write_script(server.database, trips, [Change(STAMP, "stamp")], NEW_STAMP),
        lines=lines,
    )


async def convert(server: Server) -> Row:
    """Each request converts a cart of its own."""
    path = "/billing/cart/@@NUMBER@@-0000-7000-8000-000000000000/convert-to-charge"
    body = '{"cartId":"@@NUMBER@@-0000-7000-8000-000000000000"}'
    numbers: Iterator[int] = count(_RECORDED)
    used: list[str] = []

    async def ask(client: httpx.AsyncClient) -> httpx.Response:
        used.append(str(next(numbers)))
        return await client.post(path.replace("@@NUMBER@@", used[-1]), content=body.replace("@@NUMBER@@", used[-1]))

    trips = await record(server, ask)
    # `:n` is 100,000 for each run, and counts within it.
    cart = f"\\set cart {FIRST} + (:n / 100000) * {PER_RUN} + (:n % 100000) * {limit.CLIENTS} + :client_id"
    changes = [Change(used[-1], "cart"), Change(STAMP, "stamp")]
    return Row(
        name=CONVERT,
        load=Load(path=path, script="convert.lua", arguments=[path, body, str(FIRST)]),
        script=limit.write_script(server.database, trips, changes, [*NEW_STAMP, cart]),
        numbers_each=PER_RUN,
    )


async def _page(server: Server, name: str, path: str) -> Row:
    """Who looked is written down, so each look has a row of its own."""
    trips = await record(server, lambda client: client.get(path))
    script = limit.write_script(server.database, trips, [Change(STAMP, "stamp")], NEW_STAMP)
    return Row(name=name, load=Load(path=path), script=script)
