"""Choosing a picture to start from (see assets/js/picture_words.jsx)."""

import reflex as rx

from runtz_app.ui.local import Local, source


class PictureWords(Local):
    """A person's newest pictures, and the words for one of them."""

    library = source("picture_words.jsx")
    tag = "PictureWords"


def picture_words() -> rx.Component:
    """The part for "From a picture"."""
    return PictureWords.create()
