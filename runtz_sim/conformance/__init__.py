"""Hold what we send and what the simulator answers against the vendors' published OpenAPI documents."""
