"""Pictures: checked bytes on disk, rows in the database, thumbnails made from them."""
