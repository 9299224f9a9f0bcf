"""The commands `carelane pharmacy-simulator | sms-simulator | gateway-simulator`: outside services to try things with.

What each needs is imported when it runs, so that `carelane --help` answers at once.
"""

from typing import Annotated

import typer

from carelane.processes.commands import one_line_errors

app = typer.Typer()


@app.command("pharmacy-simulator")
def pharmacy_simulator(
    host: Annotated[str, typer.Option(help="Address to listen on; what arrives there is believed.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.")] = 8490,
    secret: Annotated[str | None, typer.Option(help="Signs both directions. Default: the text `simulator`.")] = None,
    accept_after: Annotated[float, typer.Option(help="Seconds until an order is accepted.")] = 0.05,
    ship_after: Annotated[float, typer.Option(help="Seconds from there until it is shipped.")] = 0.5,
    deliver_after: Annotated[float, typer.Option(help="Seconds from there until it is delivered.")] = 0.5,
    slow: Annotated[float, typer.Option(help="Seconds that the scenario `slow` takes to answer.")] = 30.0,
) -> None:
    """Run a pharmacy to try things with, until Ctrl-C: it takes orders, calls back, and misbehaves when asked to."""
    with one_line_errors():
        from carelane.pharmacies.schemas import SIMULATOR_SECRET
        from carelane.pharmacies.simulator.orders import Pace
        from carelane.pharmacies.simulator.server import serve

        pace = Pace(
            accept_after_seconds=accept_after,
            ship_after_seconds=ship_after,
            deliver_after_seconds=deliver_after,
            slow_seconds=slow,
        )
        serve(host, port, secret or SIMULATOR_SECRET, pace)


@app.command("sms-simulator")
def sms_simulator(
    host: Annotated[
        str, typer.Option(help="Address to listen on; who asks there is shown every message.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.")] = 8491,
    account: Annotated[str, typer.Option(help="The account that may send, as in CARELANE_SMS_ACCOUNT.")] = "simulator",
    token: Annotated[str, typer.Option(help="Its token, as in CARELANE_SMS_TOKEN.")] = "",
) -> None:
    """Run a provider of text messages to try things with, until Ctrl-C: it prints what it gets and sends nothing."""
    with one_line_errors():
        from carelane.messages.simulator import serve

        serve(host, port, account, token)


@app.command("gateway-simulator")
def gateway_simulator(
    host: Annotated[str, typer.Option(help="Address to listen on; what arrives there is believed.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.")] = 8492,
    webhook_url: Annotated[str | None, typer.Option(help="Where events are sent. More: `/control/webhooks`.")] = None,
    webhook_secret: Annotated[str, typer.Option(help="Signs them; two with a comma while it is changed.")] = "",
    webhook_key: Annotated[str | None, typer.Option(help="Only events of this key's account.")] = None,
    slow: Annotated[float, typer.Option(help="Seconds that the faults `slow` and `stalled` take.")] = 30.0,
    settle_after: Annotated[float, typer.Option(help="Seconds until what is pending is done; 0: when told.")] = 1.0,
) -> None:
    """Run a payment gateway that speaks Stripe's wire, until Ctrl-C: it takes test cards, and misbehaves when asked to."""
    with one_line_errors():
        from carelane.kit.errors import MendableError
        from carelane.payments.gateways.simulator.accounts import Settings
        from carelane.payments.gateways.simulator.server import serve
        from carelane.payments.gateways.simulator.webhooks import Endpoint

        secrets = [secret for secret in webhook_secret.split(",") if secret]
        if (webhook_url is None) != (not secrets):
            raise MendableError("expected --webhook-url and --webhook-secret together")
        endpoints = [Endpoint(url=webhook_url, secrets=secrets, key=webhook_key)] if webhook_url else []
        serve(host, port, Settings(slow_seconds=slow, settle_seconds=settle_after), endpoints)
