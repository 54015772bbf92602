"""Colours: skies by time of day, accents, and the inks one scene is painted with."""

from typing import TypeAlias

import numpy as np

from runtz_sim.art.shapes import Array, Rng, pick
from runtz_sim.art.words import Reading

Inks: TypeAlias = dict[str, Array]

# Each sky: top, middle, horizon, sun or moon, far ground, near ground.
SKIES = {
    "dawn": (
        "2c3e66 b9748c f6b999 fff0c4 77698f 272840",
        "3f6f9e e9a9a8 ffdcbc fff6da 7f8db0 26344a",
        "24466b 8a8fb5 f7c4a0 fff2cf 6c7da3 1f2c40",
    ),
    "day": (
        "1f66b8 72b5e6 dff0f6 fffbea 6a9ab6 1f4740",
        "14808f 7fcfd0 f6f2da fffdf0 5a9b9a 164244",
        "3f62c4 9bb8f5 f7ebe0 ffffff 7f8fc6 28345c",
    ),
    "dusk": (
        "251a46 a84a70 ff9a5c ffdf90 74406c 190f2a",
        "10274f d2587f ffb263 fff0b6 614879 131931",
        "2d1a5e c56478 ffb083 fff0c4 7f466e 1b1236",
    ),
    "night": (
        "07121f 143850 377a94 e9f6ff 20495f 050c14",
        "0b0d20 272a55 6b648f fbeee0 35375f 080a18",
        "0a0f14 24303c 5f7078 fbf3e2 35434d 0a0e12",
    ),
    "storm": (
        "10161f 36454f 8499a0 edf2f0 44555e 0e141a",
        "161626 3f4160 8f92a8 f1f0f7 4d4e68 100f1c",
        "0f1c20 2f4b50 7ba09c eef6ee 3f5f60 0b1517",
    ),
}
ACCENTS = (
    "e2463f f4a63a 2a9d8f",
    "ef6f53 3fb8af f7d26a",
    "f29d4b 277da1 e9c46a",
    "9257d6 f062a6 ffd75e",
    "0a9fce ffcf4a ec5f99",
    "e8505b 14919b f9d56e",
    "e76f51 2f6f73 e9c46a",
)
NEON = ("ff3fa4 2ee6ff ffb13d", "ff5a4d 38f0c8 ffd24a", "b06bff 3ad1ff ff6bb0")
OWN = {  # what a thing is coloured when the prompt does not say
    "fox": "d3581f c9501b dc6a28", "cat": "c98a4b 6f6a74 d9b48a", "dog": "b9824c 8a5a3c d7ae7c",
    "lighthouse": "c9342c d0432f b8302a", "bowl": "a82a26 1e3d63 b4442a", "radio": "c4472c 1d7f7d d6982e",
    "mushroom": "cc352b b8442a", "balloon": "d9432f e08a2c 2f78b8", "car": "c9342c 1f6f8b e0a02c",
    "astronaut": "e0632a d8442f 2f78b8", "whale": "2c5f86 3f6f8f", "house": "b5482e 7f3b34", "guitar": "c98438 a85a28",
}  # fmt: skip
HAIR = ("35231f", "1f1a20", "6b3f24", "a8692f", "8f2f24")
FIXED = {
    "pale": "f4f0e8", "dark": "1a1a22", "metal": "c2cad4", "sand": "dfa868", "bark": "4a372c",
    "leaf": "3f8a4f", "skin": "dba27c", "snow": "edf2f8", "black": "08090d",
    "cream": "f6e3bd", "stone": "575d68", "lip": "b4534f", "yolk": "f5952c",
}  # fmt: skip
DIMMED = ("a", "b", "c", "pale", "metal", "sand", "leaf", "snow", "stone", "bark", "cream", "skin")
DIM = {"night": 0.38, "storm": 0.34, "dusk": 0.18, "dawn": 0.1}


def colour(code: str) -> Array:
    """RRGGBB as three numbers 0..255."""
    return np.array([int(code[i : i + 2], 16) for i in (0, 2, 4)], dtype=np.float64)


def mix(first: Array, second: Array, share: float) -> Array:
    """The colour `share` 0..1 of the way from the first to the second."""
    return first + (second - first) * share


def toned(ink: Array, tone: float) -> Array:
    """The ink darkened (tone below 0) or lightened (above), at most by 1."""
    return ink * (1 + tone) if tone < 0 else mix(ink, np.full(3, 255.0), tone * 0.8)


def solid(ink: Array) -> tuple[int, int, int]:
    """The ink as whole numbers for Pillow."""
    red, green, blue = (int(min(255, max(0, value + 0.5))) for value in ink)
    return red, green, blue


def _tint_sky(inks: Inks, reading: Reading) -> None:
    """A named backdrop colours the sky firmly, a subject's colour only a little."""
    code, strength = (reading.backdrop, 0.62) if reading.backdrop else (next(iter(reading.colours), ""), 0.12)
    if not code:
        return
    tint = colour(code)
    for role, share in (
        ("top", 0.8),
        ("mid", 0.9),
        ("low", 0.5),
        ("far", 0.6),
        ("deep", 0.9),
        ("haze", 0.35),
    ):
        inks[role] = mix(inks[role], tint * (0.45 if role == "top" else 1), share * strength)


def choose(reading: Reading, time: str, sky: int, rng: Rng) -> Inks:
    """The inks of one scene; `sky` picks among the skies of that time so that models differ."""
    skies = SKIES[time]
    names = ("top", "mid", "low", "sun", "far", "near")
    inks = dict(zip(names, map(colour, skies[sky % len(skies)].split()), strict=True))
    inks.update({role: colour(code) for role, code in FIXED.items()})
    inks.update(zip("abc", map(colour, pick(rng, ACCENTS).split()), strict=True))
    inks.update(zip(("neon1", "neon2", "neon3"), map(colour, pick(rng, NEON).split()), strict=True))
    inks["haze"], inks["deep"] = inks["low"], mix(inks["top"], inks["near"], 0.5)
    inks["glow"] = colour("ffd08a")
    if reading.thing in OWN:
        inks["a"] = colour(pick(rng, OWN[reading.thing].split()))
    wanted = [code for code in reading.colours if not (reading.thing == "fox" and code == "d4342c")]
    for role, code in zip("ab", wanted, strict=False):
        inks[role] = colour(code)
    inks["hair"] = colour(reading.hair or pick(rng, HAIR))
    _tint_sky(inks, reading)
    for role in DIMMED:
        inks[role] = mix(inks[role], mix(inks["mid"], inks["top"], 0.4), DIM.get(time, 0.0))
    return inks
