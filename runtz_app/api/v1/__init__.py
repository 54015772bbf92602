"""The API for programs, version 1: jobs, calls, pictures, models and credits, by token."""
