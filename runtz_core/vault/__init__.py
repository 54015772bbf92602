"""The vault: everything a person has made, found again by words, filters, colour and likeness."""
