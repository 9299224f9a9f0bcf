"""The worker killed with -9 in the middle of sending: the quote arrives, twice at most, and never not at all."""

import pytest
import pytest_asyncio

from tests.factories.quotes import make_quote
from tests.quote_sending.test_sending import EVENTS, later, let_the_date_come
from tests.quote_sending.world import clinic_of, running_world

# Where it dies, and how many mails then arrive.
POINTS = {"message.claimed": 1, "message.written": 1, "message.sent": 2}
QUICK = {"claim_lease_seconds": "2", "webhook_timeout_seconds": "1", "pharmacy_timeout_seconds": "1"}


@pytest.fixture(scope="module")
def armed(tmp_path_factory):
    """The file that names the point, while somebody is to die there."""
    return tmp_path_factory.mktemp("failpoint") / "armed"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def crashing(tmp_path_factory, contract, armed):
    folder = tmp_path_factory.mktemp("crash")
    async with running_world(folder / "data", contract, **QUICK, failpoint=str(armed)) as world:
        yield world


@pytest.mark.parametrize("point", POINTS)
async def test_after_kill_9_the_mail_still_arrives(tmp_path, crashing, armed, point):
    own, address = await clinic_of(crashing.services, tmp_path)
    quote_id = await make_quote(crashing.services, own, status="DRAFT")
    await crashing.send(own, quote_id, scheduleSendDate=later().isoformat())
    armed.write_text(point)
    await let_the_date_come(crashing, own, quote_id)
    ((_, status, attempts, *_),) = await crashing.settled(own, quote_id)
    assert not armed.exists()
    assert (status, attempts) == ("SENT", 2)
    assert len(crashing.mails_to(address)) == POINTS[point]
    # Its quote was sent once, whichever worker came that far.
    moves = [row for row in await crashing.rows(own, EVENTS, quote_id) if row[0] == "QUOTE_STATUS_CHANGED"]
    assert moves == [("QUOTE_STATUS_CHANGED", "system", "DRAFT", "SENT")]
