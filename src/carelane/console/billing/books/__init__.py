"""The ledger, posting by posting, and what its accounts came to beside the gateway's own list."""
