"""Pages and the state of each."""
