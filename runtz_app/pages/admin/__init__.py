"""The owner's page: people and their money, models, limits, the queue, the books."""
