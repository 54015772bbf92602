"""Measurements of the running product, each one a program: `./runtz bench NAME`. See docs/benchmarks.md."""
