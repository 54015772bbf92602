"""The HTTP API mounted beside the pages: sign-in, pictures, downloads, health."""
