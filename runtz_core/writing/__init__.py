"""Words about pictures: prompts written for each model, prompts and pictures judged."""
