"""The web process: Reflex pages, their state, and the mounted HTTP API."""
