"""Water, wet ground and polished table tops: what stands above, mirrored and broken by ripples."""

import numpy as np
from PIL import Image, ImageFilter

from runtz_sim.art.canvas import BILINEAR, as_image, noise, ramp
from runtz_sim.art.palettes import mix, solid
from runtz_sim.art.scene import Scene
from runtz_sim.art.shapes import Rng, Water

FAR = 0.06  # perspective: how strongly ripples shrink towards the horizon


def _ripples(rng: Rng, width: int, height: int, stretch: float) -> tuple[np.ndarray, np.ndarray]:
    """Two fields of ripples [height, width] about -1..1, finer and flatter towards the top."""
    tile = 256
    texture = noise(rng, tile, tile, 26, 30, 3) * 2 - 1
    t = np.linspace(0, 1, height)[:, None]
    distance = 1 / (t + FAR)
    x = (np.linspace(-0.5, 0.5, width)[None] * distance * 26 * stretch).astype(int) + tile
    y = (np.log(t + FAR) * 210).astype(int) + 0 * x
    first = texture[y % tile, x % tile]
    second = texture[(y * 2 + 77) % tile, (x * 2 + 31) % tile]
    return first + 0.8 * second, second


def mirror(image: Image.Image, water: Water, scene: Scene, rng: Rng) -> None:
    """Paint the water into the image, from what the image shows above its edge."""
    width, height = image.size
    top = min(height - 4, max(4, int(water.y * height)))
    depth = height - top
    rows = min(top, int(depth * 1.25))
    source = image.crop((0, top - rows, width, top)).transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    source = source.resize((width, depth), BILINEAR)
    smear = max(1.0, height * 0.006 * (0.4 + water.ripple))
    source = source.filter(ImageFilter.BoxBlur((smear * 0.3, smear))).point(lambda v: min(255, v * 1.18))
    field, fine = _ripples(rng, max(8, width // 2), max(8, depth // 2), scene.aspect)
    field = np.asarray(Image.fromarray(field.astype(np.float32)).resize((width, depth), BILINEAR))
    t = np.linspace(0, 1, depth, dtype=np.float32)[:, None]
    across = (field * water.ripple * (0.006 + 0.05 * t) * height).astype(np.int32)
    down = (field * water.ripple * (0.012 + 0.15 * t) * depth).astype(np.int32)
    packed = np.asarray(source.convert("RGBA")).view(np.uint32)[..., 0]
    y = np.clip(np.arange(depth, dtype=np.int32)[:, None] + down, 0, depth - 1)
    x = np.clip(np.arange(width, dtype=np.int32)[None] + across, 0, width - 1)
    moved = np.ascontiguousarray(packed.ravel().take(y * width + x))
    reflected = Image.fromarray(moved.view(np.uint8).reshape(depth, width, 4)).convert("RGB")
    image.paste(solid(scene.inks[water.ink]), (0, top, width, height))
    share = 255 * water.shine
    image.paste(reflected, (0, top), ramp((width, depth), [share, share * 0.9, share * 0.72, share * 0.55]))
    if water.ripple > 0.15:
        _sparkle(image, top, fine, water, scene)


def _sparkle(image: Image.Image, top: int, fine: np.ndarray, water: Water, scene: Scene) -> None:
    """Crests that catch the sky, troughs that do not."""
    size = (image.width, image.height - top)
    crest = as_image(np.clip(fine - 0.1, 0, 1) * 260 * water.ripple).resize(size, BILINEAR)
    image.paste(solid(mix(scene.inks["mid"], scene.inks["low"], 0.6)), (0, top), crest)
    trough = as_image(np.clip(-fine - 0.08, 0, 1) * 300 * water.ripple).resize(size, BILINEAR)
    image.paste(solid(scene.inks["deep"] * 0.55), (0, top), trough)
