"""What an account came to, from the list of all, as the program reads it."""

from carelane.ledger.reads import trial_balance


async def balance_of(conn, organization_id, account, books):
    """Debits less credits: negative where more was credited."""
    every, wanted = await trial_balance(conn, organization_id), (account.code, str(account.owner_id), books)
    return sum(one.cents for one in every if (one.account.code, str(one.account.owner_id), one.books) == wanted)
