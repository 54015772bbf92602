"""Which key and address each provider is called with: the installation's, and servers the owner declared."""
