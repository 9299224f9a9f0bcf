"""Faults planted at the gateway: money that moved there and that nobody here was told of."""

from tests.payments.checks.conftest import Books
from tests.payments.checks.test_planted import require_clean, require_found


async def test_a_cent_given_back_in_the_dashboard_is_found_until_it_is_told(books: Books):
    till, payment = books.till, books.won
    intent_id = till.intents(payment)[0]["id"]
    till.stripe.v1.refunds.create({"payment_intent": intent_id, "amount": 1})
    (finding,) = await books.findings()
    assert (finding.id, finding.expected, finding.found, finding.currency) == (intent_id, 1, 0, "USD")
    await till.hear(payment, await (await till.gateway()).fetch_intent(intent_id))
    await require_clean(books)


async def test_money_taken_in_our_name_that_is_not_recorded_is_found(books: Books):
    """As when a worker died, and its row with it."""
    till = books.till
    marked = {"carelane_payment": str(books.refunded.id), "carelane_organization": str(till.organization_id)}
    intent_id = till.intent(100, metadata=marked)
    await require_found(books)
    till.stripe.v1.refunds.create({"payment_intent": intent_id})
    await till.hear(books.refunded, await (await till.gateway()).fetch_intent(intent_id))
    await require_clean(books)


async def test_what_a_storefront_sells_besides_is_none_of_ours(books: Books):
    books.till.intent(12_345)
    await require_clean(books)


async def test_a_capture_of_a_cases_own_intent_that_was_never_told_is_found(books: Books):
    till = books.till
    hold = till.held()
    payment = await till.decide(await till.case(hold))
    await till.hear(payment, await (await till.gateway()).fetch_intent(hold))
    await require_clean(books)
    till.stripe.v1.payment_intents.capture(hold)
    findings = await books.findings()
    assert {finding.id for finding in findings} == {hold}
    # The amount, and the fee with it.
    assert (15_900, 0) in {(finding.expected, finding.found) for finding in findings}
    await till.hear(payment, await (await till.gateway()).fetch_intent(hold))
    await require_clean(books)


async def test_an_intent_that_the_gateway_does_not_have_is_found(books: Books):
    rename = "UPDATE payment_intents SET gateway_id = %s WHERE gateway_id = %s"
    ((gateway_id,),) = books.run("SELECT gateway_id FROM payment_intents WHERE payment_id = %s", books.disputed.id)
    books.run(rename, "pi_nowhere", gateway_id)
    try:
        problems = {finding.id: finding.problem for finding in await books.findings()}
        assert "no such intent" in problems["pi_nowhere"]
        assert "nothing is recorded" in problems[gateway_id]
    finally:
        books.run(rename, gateway_id, "pi_nowhere")
    await require_clean(books)
