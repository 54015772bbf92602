"""Notes a browser carries for us from one request to the next: sealed, so that it can neither read nor write them."""

import base64
import json
import time
from collections.abc import Mapping

from runtz_core.connections.service import keyring_of
from runtz_core.sealing import Sealed, SealError
from runtz_core.settings import Settings

GOOD_FOR = 600  # seconds
_CONTEXT = "note"


def seal(settings: Settings, note: Mapping[str, str]) -> str:
    """A note as text for a cookie or an address. Raises SealError when the master key cannot be read."""
    body = json.dumps({**note, "until": str(time.time() + GOOD_FOR)})
    sealed = keyring_of(settings).seal(body, context=_CONTEXT)
    return f"{sealed.version}.{base64.urlsafe_b64encode(sealed.data).decode().rstrip('=')}"


def unseal(settings: Settings, text: str) -> dict[str, str] | None:
    """The note again, or None for one that is not ours or older than GOOD_FOR."""
    version, _, data = text.partition(".")
    try:
        sealed = Sealed(base64.urlsafe_b64decode(data + "=" * (-len(data) % 4)), int(version))
        note: dict[str, str] = json.loads(keyring_of(settings).open(sealed, context=_CONTEXT))
    except (ValueError, SealError):
        return None
    return note if float(note["until"]) > time.time() else None
