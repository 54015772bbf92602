"""Names of the roles in assets/theme.css, and the few values that must exist outside a style sheet."""

from typing import Literal

Tone = Literal["", "muted", "ok", "attention", "failed", "running", "kept", "simulated"]

BACKGROUND = "#0a0e1a"  # the --bg of assets/theme.css, for the browser's own frame

# Icon sizes in pixels, by where they stand.
ICON_SMALL, ICON, ICON_ACTION, ICON_NAVIGATION, ICON_FAILURE, ICON_EMPTY = 14, 16, 18, 20, 24, 28
