"""Image vendors: one interface (`base`), one guarded way out (`http`), one file per vendor, one `registry`."""
