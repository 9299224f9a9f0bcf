"""The clinic's file, from the page to another installation."""

from pathlib import Path
from typing import Any

import yaml

from carelane.apply.logos.schemas import read_picture
from tests.console.first import making
from tests.console.first.desk import Desk
from tests.console.first.making import Made
from tests.console.first.place import TENANT, Place, command, downloaded
from tests.server import running_server


async def download(ana: Desk) -> str:
    await ana.click("Settings", "Organization file")
    return await downloaded(ana.page, "Download for a new server")


def said_of(text: str) -> dict[str, Any]:
    """What only pages made, out of the file."""
    said = yaml.safe_load(text)
    (service,) = (one["name"] for one in said["products"] if one.get("type") == "SERVICE")
    (mail,) = said["mailTemplates"]
    return {
        "left out": "Left out" in text,
        "service": service,
        "mail": (mail["kind"], mail["language"], mail["html"]),
        "logo": read_picture(said["logos"]["pages"]),
    }


def made_elsewhere(place: Place, folder: Path, made: Made, text: str) -> str:
    """What an installation that had nothing says of the clinic once the file is applied there."""
    file, data_dir = folder / "moved.yaml", folder / "elsewhere"
    file.write_text(text)
    secrets = {
        "KEY_STOREFRONT_SECRET": made.key,
        "STRIPE_TEST_KEY": making.GATEWAY_KEY,
        "STRIPE_TEST_WEBHOOK_SECRET": making.GATEWAY_SECRET,
        "WEBHOOK_SHOP_SECRET": made.webhook_secret,
    }
    with running_server(data_dir, "--workers", "1", allowed_networks="127.0.0.0/8"):
        command(["apply", str(file)], data_dir, place.settings() | secrets)
        return command(["export", TENANT], data_dir, place.settings())
