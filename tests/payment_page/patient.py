"""The patient at the page: what they press, and what they do on the gateway's own pages."""

import re
from urllib.parse import urlencode

import httpx

from carelane.web.html.forms import MEDIA_TYPE
from tests.payment_page.world import GOOD_NUMBER, World


class Patient:
    """Somebody with a browser without scripts, who follows nothing by themselves. Knows their way through the gateway's pages."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.client = httpx.AsyncClient(base_url=world.server.url, timeout=30)

    async def open(self, path: str) -> httpx.Response:
        return await self.client.get(path)

    async def press(self, path: str, **fields: str) -> httpx.Response:
        """A form of ours, as browsers send it: an empty one too."""
        return await self.client.post(path, content=urlencode(fields), headers={"Content-Type": MEDIA_TYPE})

    async def at_bank(self, url: str, answer: str = "approve") -> str:
        """Where the bank's page leads to after the answer."""
        shown = await self.client.get(url)
        (secret,) = re.findall(r'name="client_secret" value="([^"]+)"', shown.text)
        answered = await self.client.post(url, data={"client_secret": secret, "answer": answer})
        return leads_to(answered)

    async def at_checkout(self, url: str, number: str = GOOD_NUMBER) -> httpx.Response:
        """A card entered on the gateway's page; a good one leads back."""
        fields = {"number": number, "expiry": "12 / 34", "cvc": "123", "email": "robin@patient.example"}
        return await self.client.post(url, data=fields)

    async def pays_at(self, url: str, number: str = GOOD_NUMBER) -> str:
        """Where a good card leads to."""
        return leads_to(await self.at_checkout(url, number))


def leads_to(answered: httpx.Response) -> str:
    """Where the answer to a form leads to."""
    assert answered.status_code == 303, answered.text
    return answered.headers["Location"]
