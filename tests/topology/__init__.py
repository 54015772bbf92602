"""Several processes of each kind, by URL, as containers run them."""
