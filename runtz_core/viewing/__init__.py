"""Pictures as people look at them: one by one, side by side, and along the way they were made."""
