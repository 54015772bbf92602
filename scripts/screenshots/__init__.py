"""Pictures of every screen for the documentation, made by running the product (`python -m scripts.screenshots`)."""
