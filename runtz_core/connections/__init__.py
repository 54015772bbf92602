"""Which keys and addresses each provider is called with: the installation's, and servers the owner declared."""
