"""Parts of the product's own screens: composer, cards, receipt."""
