"""The inline scripts of the built pages, by hash, so that the content policy admits these and no others."""

import base64
import hashlib
import re
from pathlib import Path

_INLINE = re.compile(r"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL)


def script_hashes(built: Path) -> tuple[str, ...]:
    """CSP hash sources of every inline script in the pages under `built`; none when nothing is built yet."""
    found = {
        script
        for page in sorted(built.rglob("*.html"))
        for script in _INLINE.findall(page.read_text("utf-8"))
    }
    return tuple(sorted(_source(script) for script in found if script))


def _source(script: str) -> str:
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return f"sha256-{digest}"
