"""Pictures that look alike: by a perceptual hash first, by their colours where there are too few."""

from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, select

from runtz_core.vault.models import VaultItem
from runtz_core.vault.terms import key

ALIKE = 60  # pictures at most
NEAR = 24  # bits of 64 in which two hashes may differ and the pictures still be called alike
LOOKED_AT = 5_000  # rows compared for one answer, at most
COLOURED = 1_500  # rows of the same colours compared when hashes give too few

# A piece of the hash equal in all or all but one bit: every picture within seven bits is among those, and most of
# those within twelve. Only their hashes are compared.
_NEAR = text(f"""
WITH candidates AS MATERIALIZED (
  SELECT image_id, created_at, perceptual_hash FROM vault_items
  WHERE keys && CAST(:keys AS bigint[]) AND user_id = :user_id AND deleted_at IS NULL LIMIT {LOOKED_AT})
SELECT image_id, bit_count((perceptual_hash # :hash)::bit(64)) AS apart FROM candidates
WHERE image_id <> :image_id ORDER BY apart, created_at DESC, image_id LIMIT {ALIKE}
""")  # noqa: S608
_COLOURED = text(f"""
WITH candidates AS MATERIALIZED (
  SELECT image_id, created_at, perceptual_hash, colours FROM vault_items
  WHERE user_id = :user_id AND deleted_at IS NULL ORDER BY created_at DESC, image_id DESC LIMIT {COLOURED})
SELECT image_id FROM candidates
WHERE image_id <> :image_id AND colours[1] = :colour AND perceptual_hash IS NOT NULL
ORDER BY bit_count((perceptual_hash # :hash)::bit(64)), created_at DESC, image_id LIMIT {ALIKE}
""")  # noqa: S608


def alike(session: Session, user_id: UUID, image_id: UUID) -> list[UUID] | None:
    """Up to sixty pictures of this person like this one, the likest first; None when it is not theirs.

    Empty while the picture has not been looked at yet.
    """
    item = session.execute(
        select(VaultItem.perceptual_hash, VaultItem.colours).where(
            VaultItem.image_id == image_id, VaultItem.user_id == user_id
        )
    ).one_or_none()
    if item is None:
        return None
    if item.perceptual_hash is None:
        return []
    asked = {"user_id": user_id, "image_id": image_id, "hash": item.perceptual_hash}
    rows = session.execute(_NEAR, asked | {"keys": pieces(user_id, item.perceptual_hash)}).all()
    found = [row.image_id for row in rows if row.apart <= NEAR]
    if len(found) < ALIKE and item.colours:
        more = session.execute(_COLOURED, asked | {"colour": item.colours[0]}).scalars()
        found = list(dict.fromkeys([*found, *more]))
    return found[:ALIKE]


def pieces(user_id: UUID, perceptual_hash: int) -> list[int]:
    """The keys of the hash's four pieces, and of each with one bit changed."""
    found = []
    for band in range(4):
        piece = (perceptual_hash >> (16 * band)) & 0xFFFF
        found += [
            key(user_id, f"h{band}:{piece ^ change}") for change in (0, *(1 << bit for bit in range(16)))
        ]
    return found
