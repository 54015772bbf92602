"""Many jobs submitted together: from a sheet to a grid of results."""
