"""Sealing of provider keys: AES-256-GCM, versioned master key, bound to where the secret belongs (D10)."""

import base64
import binascii
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
NONCE_BYTES = 12
KEY_FILE = "master.key"


class SealError(Exception):
    """A sealed secret or a master key cannot be used; the sentence says what to do."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """What is stored: nonce and ciphertext, and which master key made them."""

    data: bytes
    version: int


@dataclass(frozen=True, slots=True)
class Keyring:
    """Master keys by version. The highest version seals, every version opens."""

    keys: dict[int, bytes] = field(repr=False)

    def seal(self, secret: str, *, context: str) -> Sealed:
        """Encrypt `secret` so that it opens only with the same `context`, e.g. "owner|provider|id"."""
        version = max(self.keys)
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = AESGCM(self.keys[version]).encrypt(nonce, secret.encode(), context.encode())
        return Sealed(nonce + sealed, version)

    def open(self, sealed: Sealed, *, context: str) -> str:
        """The secret again. Raises SealError for a changed or moved row and for a master key that is gone."""
        key = self.keys.get(sealed.version)
        if key is None:
            raise SealError("This key was saved under another master key. Enter it again.")
        nonce, body = sealed.data[:NONCE_BYTES], sealed.data[NONCE_BYTES:]
        try:
            return AESGCM(key).decrypt(nonce, body, context.encode()).decode()
        except (InvalidTag, ValueError):
            raise SealError("This key cannot be opened with the master key. Enter it again.") from None


def load_keyring(configured: str | None, data_dir: Path) -> Keyring:
    """The master keys from the setting, else from `<data>/master.key`, which is made (0600) when missing.

    Both hold one `version:base64` per line or comma; a bare base64 key is version 1. Raises SealError.
    """
    if configured:
        return _parse(configured, "RUNTZ_MASTER_KEY")
    path = data_dir / KEY_FILE
    if not path.exists():
        _create(path)
    return _parse(path.read_text("ascii", errors="replace"), str(path))


def _create(path: Path) -> None:
    """Write a new key file whole or not at all; when two processes race, the first one's file stays."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(f"1:{base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()}\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _parse(text: str, source: str) -> Keyring:
    keys: dict[int, bytes] = {}
    for part in text.replace(",", "\n").split():
        version, _, encoded = part.rpartition(":")
        try:
            keys[int(version or 1)] = base64.b64decode(encoded, validate=True)
        except (ValueError, binascii.Error):
            raise SealError(f"{source} is not a master key: it takes `version:base64` of 32 bytes.") from None
    if not keys or any(len(key) != KEY_BYTES for key in keys.values()):
        raise SealError(f"{source} is not a master key: it takes `version:base64` of 32 bytes.")
    return Keyring(keys)
