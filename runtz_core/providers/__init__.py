"""Image vendors: the interface (`base`), the guarded way out (`http`), a file per vendor, the `registry`."""
