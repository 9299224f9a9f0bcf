"""`payments` of an organization file: the policy, the fees, and the gateways' keys, which are sealed and never shown."""

import pytest

from carelane.apply.errors import ChangedElsewhereError, InvalidFileError
from carelane.payments.accounts.access import open_account, open_gateway
from carelane.payments.accounts.queries import (
    PREVIOUS_WEBHOOK_SECRET,
    SECRET_KEY,
    WEBHOOK_SECRET,
    Fee,
    get_terms,
)

TEST_KEY, OTHER_TEST_KEY, LIVE_KEY = "sk_test_4711", "rk_test_0815", "sk_live_2718"
HOOK, OTHER_HOOK = "whsec_first", "whsec_second"


@pytest.fixture
def paying(file):
    """A file with both accounts."""
    file.content["payments"] = {
        "policy": "hold",
        "fees": [
            {"kind": "pharmacy", "amount": "20.00"},
            {"kind": "other", "label": "Lab kit", "amount": 5},
        ],
        "gateways": {
            "stripe": {
                "test": {"secretKey": TEST_KEY, "webhookSecret": HOOK},
                "live": {"secretKey": LIVE_KEY},
            }
        },
    }
    return file


def account_in(file, mode="test"):
    return file.content["payments"]["gateways"]["stripe"][mode]


async def terms_of(file):
    organization_id = await file.organization_id()
    async with file.services.db.reading(organization_id) as conn:
        return await get_terms(conn, organization_id)


async def secrets_of(file, is_test=True):
    [(account_id, *sealed)] = await file.fetch(
        "SELECT id, secret_key_sealed, webhook_secret_sealed, previous_webhook_secret_sealed FROM gateway_accounts"
        f" WHERE is_test = {is_test}"
    )
    places = (SECRET_KEY, WEBHOOK_SECRET, PREVIOUS_WEBHOOK_SECRET)
    return [one and await file.open(one, place, account_id) for one, place in zip(sealed, places, strict=True)]


async def events_of(file):
    return await file.fetch(
        "SELECT type, value_after FROM events WHERE type IN ('GATEWAY_ACCOUNT_CHANGED', 'ORGANIZATION_CHANGED')"
        " ORDER BY created_at, id"
    )


def places(error):
    return [problem.field for problem in error.value.problems]


async def test_what_the_file_says_is_there_and_a_second_apply_changes_nothing(paying):
    assert await paying.done() == [
        ("create", "organization", "Moss"),
        ("create", "gateway", "stripe test"),
        ("create", "gateway", "stripe live"),
        ("update", "payments", "Moss"),
    ]

    terms = await terms_of(paying)
    assert (terms.policy, terms.order_requires_payment) == ("hold", None)
    assert terms.fees == [
        Fee(kind="pharmacy", amount_cents=2000, currency="USD"),
        Fee(kind="other", amount_cents=500, currency="USD", label="Lab kit"),
    ]
    assert await secrets_of(paying) == [TEST_KEY, HOOK, None]
    assert await secrets_of(paying, is_test=False) == [LIVE_KEY, None, None]
    told = await events_of(paying)

    assert await paying.done() == []
    assert await events_of(paying) == told
    assert sorted(told) == [
        ("GATEWAY_ACCOUNT_CHANGED", "CREATED"),
        ("GATEWAY_ACCOUNT_CHANGED", "CREATED"),
        ("ORGANIZATION_CHANGED", "CHANGED"),
        ("ORGANIZATION_CHANGED", "CREATED"),
    ]


async def test_without_the_section_all_is_as_before(file):
    await file.apply()

    terms = await terms_of(file)
    assert (terms.policy, terms.order_requires_payment, terms.fees) == ("unverified", None, [])
    assert (terms.account_id(is_test=True), terms.account_id(is_test=False)) == (None, None)
    assert await open_gateway(file.services, await file.organization_id(), is_test=True) is None
    assert await file.heard_from() == []


async def test_test_and_live_are_opened_apart(paying):
    del paying.content["payments"]["gateways"]["stripe"]["live"]
    await paying.apply()
    organization_id = await paying.organization_id()

    assert await open_gateway(paying.services, organization_id, is_test=False) is None
    account_id, gateway = await open_gateway(paying.services, organization_id, is_test=True)
    assert gateway.is_test
    assert TEST_KEY not in repr(gateway)
    terms = await terms_of(paying)
    assert (terms.account_id(is_test=True), terms.account_id(is_test=False)) == (account_id, None)
    assert (terms.policy_for(is_test=True), terms.policy_for(is_test=False)) == ("hold", "unverified")


@pytest.mark.parametrize(
    ("mode", "field", "value", "expected"),
    [
        ("test", "secretKey", LIVE_KEY, "sk_test_ or rk_test_"),
        ("live", "secretKey", TEST_KEY, "sk_live_ or rk_live_"),
        ("live", "secretKey", "rk_test_0815", "sk_live_ or rk_live_"),
        ("test", "secretKey", "pk_test_0815", "sk_test_ or rk_test_"),
        ("test", "secretKey", "sk_test_", "sk_test_ or rk_test_"),
        ("test", "secretKey", "sk_test_47 11", "sk_test_ or rk_test_"),
        ("test", "secretKey", "sk_test_ä", "sk_test_ or rk_test_"),
        ("test", "webhookSecret", TEST_KEY, "whsec_"),
        ("live", "previousWebhookSecret", "whsec_", "whsec_"),
    ],
)
async def test_a_key_in_the_wrong_place_is_refused_by_its_name_and_not_shown(paying, mode, field, value, expected):
    account_in(paying, mode)[field] = value

    with pytest.raises(InvalidFileError) as error:
        await paying.apply()

    assert places(error) == [f"payments.gateways.stripe.{mode}.{field}"]
    assert expected in str(error.value.problems[0].problem)
    assert value not in str(error.value.problems[0].problem).replace(expected, "")


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"policy": "sometimes"}, "payments.policy"),
        ({"orderRequiresPayment": "yes"}, "payments.orderRequiresPayment"),
        ({"fees": [{"kind": "parking", "amount": 1}]}, "payments.fees[0].kind"),
        ({"fees": [{"kind": "pharmacy", "amount": "1.234"}]}, "payments.fees[0].amount"),
        ({"fees": [{"kind": "pharmacy", "amount": 0}]}, "payments.fees[0].amount"),
        ({"fees": [{"kind": "pharmacy", "amount": "-1"}]}, "payments.fees[0].amount"),
        ({"fees": [{"kind": "pharmacy", "amount": 1}, {"kind": "pharmacy", "amount": 2}]}, "payments.fees[1]"),
        ({"fees": [{"kind": "other", "amount": 1}]}, "payments.fees[0].label"),
        ({"fees": [{"kind": "pharmacy", "label": "Counter", "amount": 1}]}, "payments.fees[0].label"),
        ({"gateways": {"stripe": {"sandbox": {}}}}, "payments.gateways.stripe.sandbox"),
        ({"gateways": {"nmi": {}}}, "payments.gateways.nmi"),
        ({"gateways": {"stripe": {"test": {"webhookSecret": HOOK}}}}, "payments.gateways.stripe.test.secretKey"),
        ({"gateways": {}}, "payments.policy"),
    ],
)
async def test_what_cannot_be_is_refused_by_its_name_and_nothing_is_written(paying, change, place):
    paying.content["payments"] |= change

    with pytest.raises(InvalidFileError) as error:
        await paying.apply()

    assert places(error) == [place]
    assert await paying.organization_id() is None


async def test_amounts_are_in_the_currency_of_the_organization(paying):
    paying.content["organization"]["currency"] = "JPY"
    paying.content["payments"]["fees"] = [{"kind": "shipping", "amount": 800}]
    await paying.apply()
    assert (await terms_of(paying)).fees == [Fee(kind="shipping", amount_cents=800, currency="JPY")]

    paying.content["payments"]["fees"] = [{"kind": "shipping", "amount": "800.50"}]
    with pytest.raises(InvalidFileError) as error:
        await paying.apply()
    assert places(error) == ["payments.fees[0].amount"]


async def test_keys_come_from_the_environment(paying):
    account_in(paying)["secretKey"] = "${MOSS_KEY}"
    account_in(paying)["webhookSecret"] = "${MOSS_HOOK}"

    with pytest.raises(InvalidFileError) as error:
        await paying.apply(MOSS_HOOK=HOOK)
    assert places(error) == ["payments.gateways.stripe.test.secretKey"]

    await paying.apply(MOSS_KEY=TEST_KEY, MOSS_HOOK=HOOK)
    assert await secrets_of(paying) == [TEST_KEY, HOOK, None]


async def test_a_secret_is_rotated_with_both_good_meanwhile(paying):
    await paying.apply()

    account_in(paying).update(webhookSecret=OTHER_HOOK, previousWebhookSecret=HOOK)
    assert await paying.done() == [("update", "gateway", "stripe test")]
    [account] = await paying.heard_from()
    assert account.secrets == [OTHER_HOOK, HOOK]
    assert OTHER_HOOK not in repr(account)

    del account_in(paying)["previousWebhookSecret"]
    assert await paying.done() == [("update", "gateway", "stripe test")]
    [account] = await paying.heard_from()
    assert account.secrets == [OTHER_HOOK]


async def test_a_key_that_is_left_out_stays_and_a_new_one_is_used_at_once(paying):
    await paying.apply()
    [before] = await paying.fetch("SELECT secret_key_sealed FROM gateway_accounts WHERE is_test")
    paying.content["payments"]["gateways"]["stripe"]["test"] = {"webhookSecret": OTHER_HOOK}
    await paying.apply()
    assert await secrets_of(paying) == [TEST_KEY, OTHER_HOOK, None]
    assert [before] == await paying.fetch("SELECT secret_key_sealed FROM gateway_accounts WHERE is_test")

    account_in(paying)["secretKey"] = OTHER_TEST_KEY
    assert await paying.done() == [("update", "gateway", "stripe test")]
    assert await secrets_of(paying) == [OTHER_TEST_KEY, OTHER_HOOK, None]


async def test_what_was_changed_elsewhere_stays_or_is_a_conflict_and_is_never_shown(paying):
    await paying.apply()
    organization_id = await paying.organization_id()
    [(account_id,)] = await paying.fetch("SELECT id FROM gateway_accounts WHERE is_test")
    data_key = await paying.services.keyring.data_key(organization_id)
    elsewhere = data_key.seal(b"sk_test_elsewhere", SECRET_KEY, account_id)
    await paying.execute(f"UPDATE gateway_accounts SET secret_key_sealed = '\\x{elsewhere.hex()}' WHERE is_test")
    await paying.execute("UPDATE organizations SET payment_policy = 'unverified'")

    changes = {(each.what, each.name): each for each in await paying.apply()}
    lines = [line for each in changes.values() for line in each.lines()]
    assert [each.field for each in changes["gateway", "stripe test"].kept] == ["secretKey"]
    assert [each.field for each in changes["payments", "Moss"].kept] == ["policy"]
    assert any('"unverified" here, "hold" in the file' in line for line in lines)
    assert not any("sk_test" in line for line in lines)
    assert (await secrets_of(paying))[0] == "sk_test_elsewhere"
    assert (await terms_of(paying)).policy == "unverified"

    account_in(paying)["secretKey"] = OTHER_TEST_KEY
    paying.content["payments"]["policy"] = "charge_on_approval"
    with pytest.raises(ChangedElsewhereError) as error:
        await paying.apply()
    assert places(error) == ["gateway stripe test: secretKey", "payments Moss: policy"]
    assert "sk_" not in str(error.value.problems)

    await paying.apply(overwrite=True)
    assert (await secrets_of(paying))[0] == OTHER_TEST_KEY
    assert (await terms_of(paying)).policy == "charge_on_approval"


async def test_an_account_that_is_switched_off_still_ends_what_was_begun_with_it(paying):
    """Payments that wait name their account: another policy or a closed account must not lose them."""
    await paying.apply()
    organization_id = await paying.organization_id()
    account_id, _ = await open_gateway(paying.services, organization_id, is_test=True)

    paying.content["payments"] |= {"policy": "unverified"}
    account_in(paying)["isActive"] = False
    await paying.apply()

    assert await open_gateway(paying.services, organization_id, is_test=True) is None
    assert (await open_account(paying.services, organization_id, account_id)).is_test
    assert [account.id for account in await paying.heard_from()] == [account_id]
    assert await secrets_of(paying) == [TEST_KEY, HOOK, None]


async def test_a_new_account_comes_with_where_stripe_calls_us(paying):
    lines = [line for change in await paying.apply() for line in change.lines()]
    path = f"/gateways/stripe/{await paying.organization_id()}"
    assert f"create    gateway stripe test  calls us at {path}" in lines
    assert not any(path in line for change in await paying.apply() for line in change.lines())
    assert not any(secret in line for line in lines for secret in (TEST_KEY, LIVE_KEY, HOOK))


async def test_a_trial_run_writes_nothing(paying):
    shown = await paying.apply(dry_run=True)

    assert [change.what for change in shown] == ["organization", "gateway", "gateway", "payments"]
    assert await paying.organization_id() is None


async def test_orders_wait_as_the_organization_says(paying):
    paying.content["payments"]["orderRequiresPayment"] = False
    await paying.apply()
    assert (await terms_of(paying)).order_requires_payment is False

    paying.content["payments"] |= {"orderRequiresPayment": True, "policy": "unverified"}
    await paying.apply()
    assert (await terms_of(paying)).order_requires_payment is True
