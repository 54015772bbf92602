"""Clean volumetric light: deep haze, relief, bloom and shafts."""

import numpy as np
from PIL import Image

from runtz_sim.art.canvas import Look, bloom, graded, grained, vignette
from runtz_sim.art.families import Manner
from runtz_sim.art.paint import paint
from runtz_sim.art.scene import Scene
from runtz_sim.art.shapes import Rng

LOOK = Look(haze=0.82, clouds=0.85, relief=1.0, rim=0.6)
THRESHOLD = {"night": 120, "storm": 150, "dusk": 196}  # 8-bit level from which light glows; 205 by day


def draw(scene: Scene, rng: Rng, width: int, height: int, manner: Manner) -> Image.Image:
    """The scene as a clean, luminous rendering."""
    image = paint(scene, rng, width, height, LOOK)
    shafts = scene.sun[:2] if scene.sky == "open" and scene.weather not in ("storm", "rain") else None
    image = bloom(image, THRESHOLD.get(scene.time, 205), 1.0 if scene.lamplit else 0.6, shafts)
    image = graded(image, manner.contrast + 0.12, manner.saturation, np.asarray(manner.tint))
    return grained(vignette(image, 0.42), rng, 2.2)
