"""How hard each provider is asked, with each key, by all workers together: limits, pauses, rests, retries."""
