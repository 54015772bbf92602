"""The five hands: each turns a scene into a finished canvas in its own manner."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from PIL import Image

from runtz_sim.art.families import Family, Manner
from runtz_sim.art.hands import flux, gemini, ideogram, local, openai
from runtz_sim.art.scene import Scene
from runtz_sim.art.shapes import Rng

Hand = Callable[[Scene, Rng, int, int, Manner], Image.Image]

HANDS: Mapping[Family, Hand] = MappingProxyType(
    {
        Family.OPENAI: openai.draw,
        Family.GEMINI: gemini.draw,
        Family.IDEOGRAM: ideogram.draw,
        Family.FLUX: flux.draw,
        Family.LOCAL: local.draw,
    }
)
