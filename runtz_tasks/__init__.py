"""The worker: thin Celery tasks and the loops that run beside them."""
