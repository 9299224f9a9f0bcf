"""Every setting, in one place. `docs/operations/settings.md` is printed from this file.

Each field is read from the environment as CARELANE_ and its name in upper case. Nothing here has a usable secret as its
default: the master key is made on first start, or given.
"""

import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta
from msgspec.structs import FieldInfo

from carelane.kit.addresses import read_networks
from carelane.kit.setting_checks import CHECKS, accepted

PREFIX = "CARELANE_"
# Larger ones are slips, and no clock or list could hold them.
MAX_NUMBER = 1_000_000_000

Days = Annotated[int, Meta(ge=0, le=36_500)]


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Read once, at start; never changed."""

    data_dir: Annotated[
        Path, Meta(description="Folder of the embedded database, the stored documents and the master key.")
    ] = Path("carelane-data")
    database_url: Annotated[
        str | None,
        Meta(description="Your own PostgreSQL 16 or newer, as the application role. Empty: the embedded one."),
    ] = None
    database_pooled: Annotated[
        bool,
        Meta(
            description="Whether that URL leads to a connection pooler, such as PgBouncer. No statement is then prepared."
        ),
    ] = False
    database_owner_url: Annotated[
        str | None,
        Meta(
            description="The same database as the tables' owner, without a pooler, for `carelane migrate` and `rotate-master-key`."
        ),
    ] = None
    master_key: Annotated[
        str | None,
        Meta(description="32 bytes in base64. Empty: the file `master.key` in the data folder, made on first start."),
    ] = None
    documents_url: Annotated[
        str | None,
        Meta(description="Where documents lie: s3://…, gs://…, az://… Empty: `documents` in the data folder."),
    ] = None
    public_url: Annotated[
        str | None,
        Meta(
            description="How callers and patients reach this server, for links. Empty: the request's own host, and no quote can be sent."
        ),
    ] = None
    host: Annotated[str, Meta(description="Address to listen on.")] = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535, description="Port to listen on; 0 takes a free one.")] = 8400
    workers: Annotated[int, Meta(ge=1, le=64, description="Server processes.")] = 2
    connections_per_worker: Annotated[
        int, Meta(ge=1, le=200, description="Database connections each server process may hold.")
    ] = 8
    max_connections: Annotated[
        int,
        Meta(ge=8, description="Connections each server process holds; fewer where the system grants it fewer files."),
    ] = 1_000
    max_connections_per_address: Annotated[
        Annotated[int, Meta(ge=1)] | None,
        Meta(
            description="How many of them may come from one address. Empty: half of them, and all from a trusted proxy.",
        ),
    ] = None
    patience_seconds: Annotated[
        float,
        Meta(gt=0, description="Seconds a caller gets to send the head of a request, and to begin with a body."),
    ] = 10.0
    least_bytes_per_second: Annotated[
        int,
        Meta(
            ge=1,
            description="Bytes a second that a body must come in with, and an answer be taken with, on average.",
        ),
    ] = 1_024
    max_body_bytes: Annotated[int, Meta(ge=1024, description="Largest request body, in bytes.")] = 1_048_576
    max_case_body_bytes: Annotated[
        int, Meta(ge=1024, description="Largest create-case body, in bytes: FILE answers carry documents in base64.")
    ] = 36_700_160
    max_document_bytes: Annotated[int, Meta(ge=1, description="Largest single document, in bytes.")] = 26_214_400
    large_bodies_bytes: Annotated[
        int,
        Meta(
            ge=1_048_576,
            description="Bytes of bodies over 32 KiB that a server process holds at once, one organization's at most half of them; more wait.",
        ),
    ] = 150_994_944
    trusted_proxies: Annotated[
        str,
        Meta(
            description="Addresses and networks of the proxies in front, whose X-Forwarded-For and X-Forwarded-Proto are believed."
        ),
    ] = "127.0.0.0/8, ::1/128"
    max_failed_sign_ins_per_address: Annotated[
        int,
        Meta(ge=1, description="Failed tries to sign in that a server process takes from one address in 15 minutes."),
    ] = 200
    console_idle_seconds: Annotated[
        int, Meta(ge=120, description="Seconds after which the console signs out whoever did nothing in it.")
    ] = 900
    credential_cache_seconds: Annotated[
        float,
        Meta(ge=0, description="Seconds a process remembers a good key; a revoked key works at most this much longer."),
    ] = 5.0
    billing_requests_per_minute: Annotated[
        int,
        Meta(
            ge=1,
            description="Requests an organization may send to the billing dialect in a minute, unless its file says otherwise.",
        ),
    ] = 6_000
    cart_idle_days: Annotated[
        int, Meta(ge=1, le=36_500, description="Days after which a cart that nobody touched is marked ABANDONED.")
    ] = 30
    # What goes with each, and what stays nevertheless: docs/operations/retention.md.
    keep_deliveries_days: Annotated[Days, Meta(description="Days an arrived delivery is kept; 0: for good.")] = 30
    keep_failed_deliveries_days: Annotated[Days, Meta(description="Days one given up is kept; 0: for good.")] = 0
    keep_attempts_days: Annotated[Days, Meta(description="Days calls and tries are kept; 0: for good.")] = 90
    keep_callbacks_days: Annotated[Days, Meta(description="Days an applied callback is kept; 0: for good.")] = 90
    keep_notifications_days: Annotated[Days, Meta(description="Days what mail said is kept; 0: for good.")] = 30
    keep_messages_days: Annotated[Days, Meta(description="Days the rest of a message is kept; 0: for good.")] = 400
    keep_ended_carts_days: Annotated[Days, Meta(description="Days a cart that ended is kept; 0: for good.")] = 0
    dispatch_seconds: Annotated[
        float, Meta(gt=0, description="Seconds between two looks of the worker at the events that wait.")
    ] = 0.2
    transmit_seconds: Annotated[
        float,
        Meta(
            gt=0, description="Seconds between two looks of the worker at orders and webhook deliveries that are due."
        ),
    ] = 0.1
    pharmacy_simulator_url: Annotated[
        str | None,
        Meta(description="Where `carelane pharmacy-simulator` listens, for pharmacies whose adapter is the simulator."),
    ] = "http://127.0.0.1:8490"
    pharmacy_timeout_seconds: Annotated[
        float, Meta(gt=0, description="Seconds a pharmacy gets to answer; after that the outcome is unknown.")
    ] = 20.0
    pharmacy_ask_seconds: Annotated[
        float,
        Meta(
            ge=0,
            description="Seconds to wait after an unknown outcome before the pharmacy is asked whether it has the order.",
        ),
    ] = 30.0
    pharmacy_poll_seconds: Annotated[
        float, Meta(gt=0, description="Seconds without a callback after which the pharmacy is asked where an order is.")
    ] = 1800.0
    pharmacy_retry_seconds: Annotated[
        float,
        Meta(
            gt=0, description="Seconds before the second attempt to reach a pharmacy; later waits double, with jitter."
        ),
    ] = 5.0
    payment_retry_seconds: Annotated[
        float,
        Meta(gt=0, description="Seconds before a payment without an answer is looked up; later waits double."),
    ] = 5.0
    pharmacy_attempts: Annotated[
        int, Meta(ge=1, description="Failed attempts after which an order needs attention.")
    ] = 10
    gateway_simulator_url: Annotated[
        str | None,
        Meta(
            description="Where `carelane gateway-simulator` listens: all calls to payment gateways go there. Empty: to the gateways themselves. Only this one may be on loopback."
        ),
    ] = None
    gateway_timeout_seconds: Annotated[
        float, Meta(gt=0, description="Seconds a payment gateway gets to answer; after that the outcome is unknown.")
    ] = 20.0
    gateway_down: Annotated[
        str,
        Meta(
            description="What becomes of a new case whose payment cannot be verified because the gateway does not answer: `accept` (verified later) or `refuse`."
        ),
    ] = "accept"
    claim_lease_seconds: Annotated[
        float,
        Meta(
            ge=0.2,
            description="Seconds after which another worker takes up what a dead one had in flight; renewed while it lives.",
        ),
    ] = 8.0
    webhook_timeout_seconds: Annotated[float, Meta(gt=0, description="Seconds a webhook receiver gets to answer.")] = (
        15.0
    )
    webhook_retry_seconds: Annotated[
        float,
        Meta(
            gt=0,
            description="Seconds before the second attempt at a delivery; later waits grow to about 75 hours in all.",
        ),
    ] = 5.0
    allowed_networks: Annotated[
        str,
        Meta(
            description="Private networks that webhooks and pharmacies may be in, such as 10.1.0.0/16, separated by commas."
        ),
    ] = ""
    stop_seconds: Annotated[
        float, Meta(gt=0, description="Seconds the requests in hand get to finish when the server is told to stop.")
    ] = 10.0
    smtp_host: Annotated[str | None, Meta(description="Mail server. Empty: no mail is sent.")] = None
    smtp_port: Annotated[int, Meta(ge=1, le=65535, description="Its port.")] = 587
    smtp_username: Annotated[str | None, Meta(description="Its user, if it wants one.")] = None
    smtp_password: Annotated[str | None, Meta(description="Its password, if it wants one.")] = None
    smtp_starttls: Annotated[bool, Meta(description="Whether the connection must be upgraded to TLS.")] = True
    mail_from: Annotated[str, Meta(description="Sender of our mail.")] = "carelane@localhost"
    sms_url: Annotated[
        str | None,
        Meta(
            description="Where text messages are handed over: the base address of an API like Twilio's. Empty: none are sent."
        ),
    ] = None
    sms_simulator_url: Annotated[
        str | None,
        Meta(
            description="Where `carelane sms-simulator` listens, to try text messages out; instead of `CARELANE_SMS_URL`. Only this one may be on loopback."
        ),
    ] = None
    sms_account: Annotated[str, Meta(description="Our account there.")] = "simulator"
    sms_token: Annotated[str | None, Meta(description="Its token.")] = None
    sms_from: Annotated[str, Meta(description="Number or name that text messages come from.")] = "+15550100100"
    message_retry_seconds: Annotated[
        float,
        Meta(
            gt=0,
            description="Seconds before the second attempt to send a mail or text message; later waits double, with jitter, up to the eighth attempt.",
        ),
    ] = 30.0

    def __repr__(self) -> str:
        return "Settings(***)"

    @property
    def payment_retry(self) -> timedelta:
        return timedelta(seconds=self.payment_retry_seconds)


def read_settings(environment: Mapping[str, str] = os.environ, **overrides: Any) -> Settings:
    """Settings from the environment; `overrides` (the command line's options) win, unless they are None.

    Raises ValueError that names the variable and what would be accepted.
    """
    known = {field.name: field for field in msgspec.structs.fields(Settings)}
    values: dict[str, Any] = {
        name: environment[PREFIX + name.upper()] for name in known if environment.get(PREFIX + name.upper())
    }
    values |= {name: value for name, value in overrides.items() if value is not None}
    for name, value in values.items():
        values[name] = _read(known[name], value)
    settings = Settings(**values)
    try:
        read_networks(settings.trusted_proxies)
    except ValueError as error:
        raise ValueError(f"{PREFIX}TRUSTED_PROXIES: {error}") from None
    if settings.sms_url and settings.sms_simulator_url:
        raise ValueError(f"{PREFIX}SMS_SIMULATOR_URL: expected to be empty where {PREFIX}SMS_URL is set")
    return settings


def _read(field: FieldInfo, value: object) -> Any:
    """One value as its type. Raises ValueError; it never repeats the value, which may be a secret."""
    try:
        read = msgspec.convert(value, field.type, strict=False, dec_hook=_to_path)
    except msgspec.ValidationError:
        read = None
    check = CHECKS.get(field.name)
    expected = check.expected if check is not None else accepted(field)
    is_good = read is not None and (check is None or check.accepts(str(read)))
    if isinstance(read, (int, float)) and read > MAX_NUMBER:
        is_good, expected = False, f"{expected}, at most {MAX_NUMBER:,}"
    if not is_good:
        raise ValueError(f"{PREFIX}{field.name.upper()}: expected {expected}")
    return read


def _to_path(wanted: type, value: object) -> object:
    return wanted(value)
