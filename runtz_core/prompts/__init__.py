"""Saved prompts, wildcards and presets: everything about words before they are run."""
