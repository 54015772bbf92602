"""The owner's settings: provider keys and addresses, own servers, notifications."""
