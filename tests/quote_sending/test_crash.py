"""The worker killed with -9 in the middle of sending: the quote arrives, twice at most, and never not at all."""

import pytest

from tests.factories.quotes import make_quote
from tests.quote_sending.test_sending import EVENTS, later, let_the_date_come
from tests.quote_sending.world import clinic_of, running_world

# Where it dies, and how many mails then arrive.
POINTS = {"message.claimed": 1, "message.written": 1, "message.sent": 2}
QUICK = {"claim_lease_seconds": "2", "webhook_timeout_seconds": "1", "pharmacy_timeout_seconds": "1"}


@pytest.mark.parametrize("point", POINTS)
async def test_after_kill_9_the_mail_still_arrives(tmp_path, contract, point):
    armed = tmp_path / "armed"
    async with running_world(tmp_path / "data", contract, **QUICK, failpoint=str(armed)) as world:
        own, address = await clinic_of(world.services, tmp_path)
        quote_id = await make_quote(world.services, own, status="DRAFT")
        await world.send(own, quote_id, scheduleSendDate=later().isoformat())
        armed.write_text(point)
        await let_the_date_come(world, own, quote_id)
        ((_, status, attempts, *_),) = await world.settled(own, quote_id)
        assert not armed.exists()
        assert (status, attempts) == ("SENT", 2)
        assert len(world.mails_to(address)) == POINTS[point]
        # Its quote was sent once, whichever worker came that far.
        moves = [row for row in await world.rows(own, EVENTS, quote_id) if row[0] == "QUOTE_STATUS_CHANGED"]
        assert moves == [("QUOTE_STATUS_CHANGED", "system", "DRAFT", "SENT")]
