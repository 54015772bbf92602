"""Cells of the tables people download: words in them that no spreadsheet takes for a formula."""

# What starts a formula (OWASP, CSV injection), also in the wide forms that some spreadsheets take for the same.
_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
MARK = "\ufeff"  # at the beginning of a file: without it Excel takes UTF-8 for Latin-1


def plain(value: object) -> object:
    """A value as a cell that is shown and never worked out: words that could begin a formula get an apostrophe."""
    if isinstance(value, str) and value.lstrip("'").startswith(_STARTS):
        return f"'{value}"
    return "" if value is None else value


def words(cell: str) -> str:
    """The words of a cell that `plain` wrote."""
    return cell[1:] if cell.startswith("'") and cell.lstrip("'").startswith(_STARTS) else cell
