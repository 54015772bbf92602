"""Tests of the pages and the mounted API."""
