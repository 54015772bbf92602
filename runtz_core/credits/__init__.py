"""Credits: an append-only double-entry ledger; the only writer of balances."""
