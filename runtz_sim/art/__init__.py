"""Pictures for the simulated vendors: a prompt becomes a scene, and each family of models has its own hand."""

from runtz_sim.art.picture import MediaType, draw, encode, preview

__all__ = ["MediaType", "draw", "encode", "preview"]
