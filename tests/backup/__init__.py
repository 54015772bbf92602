"""Backups: made, read back, put back, refused."""
