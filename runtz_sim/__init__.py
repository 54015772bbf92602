"""Simulated image vendors: one local HTTP server that speaks each vendor's wire format."""
