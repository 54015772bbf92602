"""Read-only links to a picture or a comparison, for people without an account."""
