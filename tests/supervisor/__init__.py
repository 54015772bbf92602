"""The launcher, the supervisor and the command line, with real processes."""
