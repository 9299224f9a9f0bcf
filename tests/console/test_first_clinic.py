"""An administrator starts from an organization of six lines and, by pages alone, makes it able to take cases, orders and money; the
clinic works; and its file makes the same clinic on another installation."""

import asyncio

from tests.console.first import making, moving, working
from tests.console.first.desk import Desk
from tests.console.first.making import CLINICIAN, Made
from tests.console.first.place import running_place
from tests.console.staff import come_in, opened


async def test_from_an_empty_organization_to_the_first_parcel(tmp_path, chromium):
    made = Made()
    async with (
        running_place(tmp_path) as place,
        opened(chromium) as hers,
        opened(chromium) as his,
    ):
        ana, omar = Desk(hers, place.url), Desk(his, place.url)
        await come_in(ana.page, place.invitation, "Ana", "Ana Brook")
        await making.make_catalog(ana, made)
        await making.make_prices(ana, made)
        await making.make_pharmacy(ana)
        await making.make_gateway(ana, place)
        await making.make_key(ana, made)
        await making.make_webhook(ana, place, made)
        await making.make_branding(ana)
        await making.make_mail(ana)
        await making.invite_clinician(ana)
        await come_in(omar.page, await place.link_in_mail(CLINICIAN), "Omar", "Omar Reed")

        case_id = await working.send_case(place, made)
        await working.decide(place, omar, case_id)
        await working.order(place, made, omar, case_id)
        await working.sell(ana)
        await asyncio.to_thread(working.books, place)

        exported = await moving.download(ana)
        assert moving.said_of(exported) == {
            "left out": False, "service": making.CHECK_UP, "mail": ("RECEIPT", "es", "<p>{link}</p>"), "logo": making.LOGO,
        }  # fmt: skip
        assert await asyncio.to_thread(moving.made_elsewhere, place, tmp_path, made, exported) == exported
        assert hers.complaints == his.complaints == []
