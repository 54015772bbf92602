"""What is kept of a started request: a small JSON object any process can read back."""

import hashlib
import json
from typing import Any

from runtz_core.failures import FailureKind
from runtz_core.providers.base import ProviderError


def written(**facts: object) -> str:
    """A reference holding the facts that are known."""
    return json.dumps({name: fact for name, fact in facts.items() if fact is not None})


def read(reference: str) -> dict[str, Any]:
    """The facts of a reference. Raises ProviderError(INTERNAL) for what `written` never wrote."""
    try:
        facts = json.loads(reference)
    except ValueError:
        facts = None
    if not isinstance(facts, dict):
        raise ProviderError(FailureKind.INTERNAL, "The reference of this picture is damaged.")
    return facts


def digest(prompt: str) -> str:
    """Enough of a prompt's hash to recognise it; the words themselves stay out of references."""
    return hashlib.sha256(prompt.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def rewrite_of(facts: dict[str, Any], prompt: str | None) -> str | None:
    """The vendor's own `prompt`, None when it is the one it was sent."""
    return None if prompt is None or digest(prompt) == facts.get("prompt") else prompt
