"""Skies: gradient, clouds, halo, stars, nebulae and indoor light."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from runtz_sim.art.canvas import BICUBIC, Look, as_image, noise
from runtz_sim.art.palettes import mix, solid
from runtz_sim.art.scene import Scene
from runtz_sim.art.shapes import Rng

COVER = {"storm": 0.32, "rain": 0.34, "snow": 0.4, "cloud": 0.36, "fog": 0.5}


def _gradient(scene: Scene, width: int, height: int) -> NDArray[np.float32]:
    """The four stops from the zenith to the horizon, as [height, width, 3]."""
    reach = max(0.35, scene.horizon)
    y = np.linspace(0, 1, height) / reach
    inks = scene.inks
    stops = (inks["top"], mix(inks["top"], inks["mid"], 0.6), inks["mid"], inks["low"])
    column = np.stack([np.interp(y, (0, 0.3, 0.62, 1), [s[c] for s in stops]) for c in range(3)], 1)
    return np.repeat(column[:, None].astype(np.float32), width, 1)


def _clouds(scene: Scene, rng: Rng, sky: NDArray[np.float32], look: Look) -> None:
    """Banks with lit tops and shaded bellies; long and low, thinner towards the zenith."""
    height, width = sky.shape[:2]
    field = noise(rng, width, height, 1.6 * scene.aspect + 1, 6.5, 5)
    y = np.linspace(0, 1, height, dtype=np.float32)[:, None] / max(0.35, scene.horizon)
    cover = COVER.get(scene.weather, 0.53)
    body = np.clip((field - cover) * 4.5, 0, 1) * np.clip(1.3 - y, 0, 1) * look.clouds
    lift = max(1, height // 48)
    light = np.clip((field - np.roll(field, -lift, 0)) * 8 + 0.45, 0, 1)[..., None]
    inks = scene.inks
    shade, bright = mix(inks["mid"], inks["top"], 0.55) * 0.86, mix(inks["low"], inks["sun"], 0.35)
    if scene.weather == "storm":
        shade, bright = inks["top"] * 0.8, mix(inks["mid"], inks["low"], 0.55)
    sky += (shade + (bright - shade) * light - sky) * (body * 0.85)[..., None]


def _halo(scene: Scene, sky: NDArray[np.float32]) -> None:
    height, width = sky.shape[:2]
    y = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    x = np.linspace(0, scene.aspect, width, dtype=np.float32)[None]
    distance = (x - scene.sun[0]) ** 2 + ((y - scene.sun[1]) * 1.15) ** 2
    dim = 0.4 if scene.weather in ("storm", "rain", "fog", "cloud") or scene.time == "night" else 1.0
    glow = (0.5 * np.exp(-distance / 0.012) + 0.36 * np.exp(-distance / 0.15)) * dim
    sky += (scene.inks["sun"] - sky) * np.clip(glow, 0, 1)[..., None]


def _nebula(scene: Scene, rng: Rng, sky: NDArray[np.float32]) -> None:
    height, width = sky.shape[:2]
    sky *= 0.3
    for ink, share in (("a", 1.9), ("low", 1.8), ("b", 1.2)):
        cloud = noise(rng, width, height, 2 * scene.aspect + 1, 2.4, 6)
        sky += np.clip(cloud - 0.47, 0, 1)[..., None] * share * scene.inks[ink]


def _stars(scene: Scene, rng: Rng, image: Image.Image) -> None:
    width, height = image.size
    count = int((420 if scene.sky == "space" else 150) * scene.aspect) + 30
    low = height * (1.0 if scene.sky == "space" else scene.horizon * 0.9)
    pen, unit = ImageDraw.Draw(image), height / 800
    bright = rng.random(count) ** 4
    base = scene.inks["top"]
    rows = zip(
        (rng.random(count) * width).tolist(),
        (rng.random(count) ** 1.3 * low).tolist(),
        bright.tolist(),
        strict=True,
    )
    for x, y, level in rows:
        r = unit * (0.45 + 1.5 * level)
        pen.ellipse((x - r, y - r, x + r, y + r), fill=solid(mix(base, scene.inks["sun"], 0.3 + 0.7 * level)))


def paint_sky(scene: Scene, rng: Rng, width: int, height: int, look: Look) -> Image.Image:
    """The backdrop of a scene, worked out at a quarter of the size and enlarged."""
    w, h = max(16, width // 4), max(16, height // 4)
    sky = _gradient(scene, w, h)
    match scene.sky:
        case "space":
            _nebula(scene, rng, sky)
        case "open":
            if look.clouds > 0:
                _clouds(scene, rng, sky, look)
            _halo(scene, sky)
        case "indoor":
            field = noise(rng, w, h, 3, 3, 3)
            sky *= (0.88 + 0.24 * field)[..., None]
            _halo(scene, sky)
        case "deep":
            field = noise(rng, w, h, 5 * scene.aspect, 3, 3)
            sky *= (0.9 + 0.2 * field)[..., None]
    image = as_image(sky).resize((width, height), BICUBIC)
    if (
        scene.time == "night"
        and scene.sky in ("open", "space")
        and scene.weather not in ("fog", "rain", "cloud")
    ):
        _stars(scene, rng, image)
    return image
