"""State shared by all pages: who is signed in."""
