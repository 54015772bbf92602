"""The design system: the parts every page is made of."""
