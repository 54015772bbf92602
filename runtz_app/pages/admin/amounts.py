"""Numbers as the owner types them into forms."""


class Unreadable(ValueError):
    """Not a whole number; the sentence is for the form."""


def whole_number(typed: object) -> int:
    """A whole number, with or without separators between thousands. Raises Unreadable."""
    text = str(typed).strip().replace(",", "").replace("−", "-")
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 18:
        raise Unreadable("Type a whole number, such as 500.")
    return int(text)


def optional_number(typed: object) -> int | None:
    """The same; None for an empty field. Raises Unreadable."""
    return whole_number(typed) if str(typed).strip() else None
