"""Film still: near-monochrome stock, deep haze, one colour left alive, streaks of light, heavy grain."""

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from runtz_sim.art.canvas import BICUBIC, Look, as_image, bloom, grained, small, vignette
from runtz_sim.art.families import Manner
from runtz_sim.art.paint import paint
from runtz_sim.art.palettes import colour
from runtz_sim.art.scene import Scene
from runtz_sim.art.shapes import Rng

LOOK = Look(haze=1.0, clouds=1.0, relief=1.0, rim=0.75)
# Shadow, middle and highlight of each stock.
STOCKS = ("0a0806 6b5848 f3e3ca", "05100f 3f686d e4f0ec", "0d0710 684a5a f3dfda", "070b14 466080 e7eef6")


def draw(scene: Scene, rng: Rng, width: int, height: int, manner: Manner) -> Image.Image:
    """The scene as a frame of film."""
    image = paint(scene, rng, width, height, LOOK)
    stock = _developed(image, manner, 0.68 if scene.lamplit else 1.0)
    image = Image.composite(image, stock, _alive(image, scene))
    if scene.lamplit:
        image = _streaked(bloom(image, 140, 0.4))
    image = grained(vignette(image, 0.62), rng, 6.0)
    return _letterboxed(image) if width > height * 1.25 else image


def _developed(image: Image.Image, manner: Manner, gamma: float) -> Image.Image:
    """The image on a tinted black-and-white stock, with a firm curve; gamma below 1 pushes it."""
    dark, middle, light = (colour(code) for code in STOCKS[manner.scheme].split())
    level = np.linspace(0, 1, 256) ** gamma
    level = np.clip(level + 0.22 * np.sin((level - 0.5) * 2 * np.pi) * 0.55, 0, 1)
    grey = image.convert("L")
    channels = [
        np.interp(level, (0, 0.5, 1), (dark[c], middle[c], light[c])).astype(int).tolist() for c in range(3)
    ]
    return Image.merge("RGB", [grey.point(table) for table in channels])


def _alive(image: Image.Image, scene: Scene) -> Image.Image:
    """Where the colour stays: what is close in hue to the subject, or warm light when it has no colour."""
    half = small(image, 0.5)
    red, green, blue = half.split()
    colourless = scene.reading.thing in ("", "ferry", "person", "bowl")
    ink = scene.inks["hair" if scene.reading.hair else "glow" if colourless else "a"]
    if "neon" in scene.reading.styles:
        apart = ImageChops.subtract(red, green)
    elif int(np.argmax(ink)) == 0:
        apart = ImageChops.subtract(red, blue)
    else:
        apart = ImageChops.subtract(ImageChops.lighter(green, blue), red)
    floor = 14 if scene.lamplit else 30  # colours are duller by lamplight
    table = [min(255, max(0, int((v - floor) * 4.5))) for v in range(256)]
    mask = apart.point(table).filter(ImageFilter.BoxBlur(1.5))
    return mask.resize(image.size, BICUBIC)


def _streaked(image: Image.Image) -> Image.Image:
    """Anamorphic streaks through the brightest lights."""
    tiny = small(image, 0.25)
    values = np.asarray(tiny, np.float32)
    bright = as_image(values * np.clip((values.max(2, keepdims=True) - 190) / 50, 0, 1))
    reach = tiny.width / 9
    streak = bright.filter(ImageFilter.BoxBlur((reach, 0))).filter(ImageFilter.BoxBlur((reach / 2, 0.6)))
    return ImageChops.screen(image, streak.point(lambda v: min(255, v * 1.7)).resize(image.size, BICUBIC))


def _letterboxed(image: Image.Image) -> Image.Image:
    """Black bars above and below."""
    bar, pen = round(image.height * 0.055), ImageDraw.Draw(image)
    pen.rectangle((0, 0, image.width, bar), fill=(4, 5, 6))
    pen.rectangle((0, image.height - bar, image.width, image.height), fill=(4, 5, 6))
    return image
