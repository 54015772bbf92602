"""Passwords: which are taken, how they are hashed and checked (argon2id, D9)."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

from passlib.hash import argon2
from zxcvbn.frequency_lists import FREQUENCY_LISTS

SHORTEST: Final = 8  # characters
LONGEST: Final = 128

# OWASP's second set for argon2id (ASVS 5.0, appendix C): m = 19 MiB, t = 2, p = 1.
MEMORY_KIB: Final = 19 * 1024
# Loaded now: the library would do it in the middle of whichever thread hashes first, and two at once stumble.
argon2.set_backend("argon2_cffi")
_SCHEME = argon2.using(type="ID", memory_cost=MEMORY_KIB, time_cost=2, parallelism=1)

_ROWS = (
    "qwertyuiop", "qwertzuiop", "azertyuiop", "asdfghjkl", "zxcvbnm", "yxcvbnm", "1234567890", "0123456789",
    "abcdefghijklmnopqrstuvwxyz", "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p", "qazwsxedcrfvtgbyhnujmikolp",
    "1q2w3e4r5t6y7u8i9o0p", "q1w2e3r4t5y6u7i8o9p0", "!@#$%^&*()", "147258369", "789456123",
)  # fmt: skip
_SWAPS = str.maketrans("013457@$", "oieastas")
_TAIL = 5  # so many digits and signs beside a common word hide nothing


class WeakPassword(ValueError):
    """The password is not taken; the sentence says why."""


def check_new(password: str, *, about: tuple[str, ...] = ()) -> None:
    """Return when `password` may be chosen; `about` is what others know of the person. Raises WeakPassword."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise WeakPassword(f"A password has {SHORTEST} to {LONGEST} characters; any are welcome.")
    if password.casefold() in {known.casefold() for known in about if known}:
        raise WeakPassword("This password is your own name or e-mail. Choose another.")
    if is_common(password):
        raise WeakPassword("This password is among the first that anybody tries. Choose another.")


def hashed(password: str) -> str:
    """The argon2id hash to store. About 30 ms of one core and 19 MiB: call it off the event loop."""
    return str(_SCHEME.hash(_bytes(password)))


def verify(password: str, stored: str | None) -> bool:
    """Whether `password` is the one behind `stored`; without one the same work is done for nothing."""
    if len(password) > LONGEST:
        password = ""  # nobody has such a password, and hashing it is work for free
    matches = bool(_SCHEME.verify(_bytes(password), stored or _decoy()))
    return matches and stored is not None


def is_outdated(stored: str) -> bool:
    """Whether `stored` was made with other parameters than today's, so that it is made anew at sign-in."""
    return bool(_SCHEME.needs_update(stored))


def is_common(password: str) -> bool:
    """Whether a guesser would try it early: a published one, a common word dressed up, a walk over keys, a date."""
    plain = password.casefold()
    if plain in published():
        return True
    predictable = _repeats(plain) or _walks(plain) or _is_date(plain)
    return predictable or any(_is_word(core) for core in _cores(plain))


def _cores(text: str) -> Iterator[str]:
    """The text without digits and signs at its ends, where those are few or predictable; as it is, too."""
    lead = next((at for at, sign in enumerate(text) if sign.isalpha()), len(text))
    trail = next((at for at, sign in enumerate(reversed(text)) if sign.isalpha()), len(text))
    for before in {*range(min(lead, _TAIL) + 1), lead}:
        for after in {*range(min(trail, _TAIL) + 1), trail}:
            core, rest = text[before : len(text) - after], text[:before] + text[len(text) - after :]
            if core and (len(rest) <= _TAIL or _walks(rest) or _repeats(rest) or _is_date(rest)):
                yield core


def _is_word(core: str) -> bool:
    """One letter, a common word, or two of them; also with digits and signs in the place of letters."""
    known = common_words()
    return any(
        len(word) == 1
        or word in known
        or any(word[:cut] in known and word[cut:] in known for cut in range(3, len(word) - 2))
        for word in (core, core.translate(_SWAPS))
    )


def _walks(text: str) -> bool:
    """Whether the text is a few straight runs over keyboard rows, the alphabet or the numbers."""
    runs, at = 0, 0
    while at < len(text):
        length = max((_run(text[at:], row) for row in (*_ROWS, *(row[::-1] for row in _ROWS))), default=0)
        if length < 3:
            return False
        at, runs = at + length, runs + 1
    return 0 < runs <= 3


def _run(text: str, row: str) -> int:
    """How many characters at the start of `text` follow one another in `row`."""
    at = row.find(text[0])
    length = 0
    while at >= 0 and length < len(text) and at + length < len(row) and text[length] == row[at + length]:
        length += 1
    return length


def _repeats(text: str) -> bool:
    return any(text == (text[:unit] * len(text))[: len(text)] for unit in range(1, min(5, len(text))))


def _is_date(text: str) -> bool:
    if len(text) not in (4, 8) or not (text.isascii() and text.isdecimal()):
        return False
    if len(text) == 4:
        return "1900" <= text <= "2099"
    shapes = (
        (text[:4], text[4:6], text[6:]),
        (text[4:], text[:2], text[2:4]),
        (text[4:], text[2:4], text[:2]),
    )
    return any(
        "1900" <= year <= "2099" and 1 <= int(month) <= 12 and 1 <= int(day) <= 31
        for year, month, day in shapes
    )


@cache
def published() -> frozenset[str]:
    """The 30,000 passwords most often found in leaked lists and 14,000 names, in lower case, as zxcvbn has them.

    Its password list leaves out what is a name, because that stands in the lists of names.
    """
    lists = ("passwords", "female_names", "male_names", "surnames")
    return frozenset(word for name in lists for word in FREQUENCY_LISTS[name])


@cache
def common_words() -> frozenset[str]:
    """The words of `common_passwords.txt`, which lies beside this file."""
    text = Path(__file__).with_name("common_passwords.txt").read_text("utf-8")
    return frozenset(text.split())


@cache
def _decoy() -> str:
    """The hash that stands for accounts without a password, so that looking for one takes as long."""
    return hashed("nobody has this password")


def _bytes(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")
