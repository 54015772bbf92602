"""Quoted words of a prompt, drawn as lettering in the manner of a hand."""

from functools import lru_cache

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

from runtz_sim.art.canvas import BICUBIC
from runtz_sim.art.families import Family, Manner
from runtz_sim.art.hands.ideogram import inks_of
from runtz_sim.art.palettes import mix, solid
from runtz_sim.art.scene import Scene

MOST_LINES = 5
TOP = 0.075  # where lettering starts, in picture heights


@lru_cache(maxsize=32)
def face(pixels: int) -> ImageFont.FreeTypeFont:
    """Pillow's own face at that size: the same on every machine, Latin only."""
    loaded = ImageFont.load_default(pixels)
    if not isinstance(loaded, ImageFont.FreeTypeFont):
        raise RuntimeError(
            "Pillow was built without FreeType, which draws the lettering; install its usual wheel"
        )
    return loaded


@lru_cache(maxsize=512)
def _known(character: str) -> bool:
    """Whether the face has the character; one it lacks would print as a box."""
    probe = face(24)
    return character == " " or bytes(probe.getmask(character)) != bytes(probe.getmask("\uffff"))


def lines_of(text: str, aspect: float) -> list[str]:
    """The drawable part of the text in a few lines of about equal length."""
    words = "".join(c for c in text if _known(c)).split()
    room = max(7, int(len(text) ** 0.5 * 2.3 * max(0.6, aspect**0.5)))
    lines: list[str] = []
    for word in words:
        if lines and len(lines[-1]) + len(word) < room:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines[:MOST_LINES]


def _cut(line: str, weight: float, tracking: float) -> Image.Image:
    """One line as a grey mask, cropped to its ink; weight and tracking are shares of the size."""
    size = 110
    font, stroke = face(size), round(size * weight)
    step = [font.getlength(c) + size * tracking for c in line]
    sheet = Image.new("L", (int(sum(step)) + size, size * 2))
    pen, x = ImageDraw.Draw(sheet), size * 0.4
    for character, advance in zip(line, step, strict=True):
        pen.text((x, size * 0.3), character, 255, font, stroke_width=stroke)
        x += advance
    return sheet.crop(sheet.getbbox() or (0, 0, 1, 1))


def _set(
    masks: list[Image.Image], size: tuple[int, int], width: float, tall: float, block: bool
) -> Image.Image:
    """Lines stacked from the top: each filling the width (a block), or all at one scale (a title)."""
    sheet = Image.new("L", size)
    room, y = size[0] * width, size[1] * TOP
    highest = size[1] * tall / len(masks)
    shared = min(min(room / m.width, highest * 0.8 / m.height) for m in masks)
    for mask in masks:
        w = room if block else mask.width * shared
        h = min(highest * 0.86, mask.height * w / mask.width * 1.7) if block else mask.height * shared
        w = min(w, mask.width * h / mask.height * 1.45)
        sheet.paste(
            mask.resize((max(1, round(w)), max(1, round(h))), BICUBIC), (round((size[0] - w) / 2), round(y))
        )
        y += h + highest * 0.14
    return sheet


def letter(image: Image.Image, scene: Scene, hand: Family, manner: Manner) -> Image.Image:
    """The image with its lettering, or as it was when the prompt quotes nothing drawable."""
    lines = lines_of(scene.reading.lettering, scene.aspect)
    if not lines:
        return image
    upper = [line.upper() for line in lines]
    match hand:
        case Family.IDEOGRAM:
            sheet = _set([_cut(line, 0.05, 0.0) for line in upper], image.size, 0.84, 0.31, True)
            return _printed(image, sheet, manner)
        case Family.FLUX:
            sheet = _set([_cut(line, 0.004, 0.34) for line in upper], image.size, 0.78, 0.2, False)
            return _glowing(image, sheet, scene, "sun", 0.35)
        case Family.OPENAI:
            sheet = _set([_cut(line, 0.022, 0.1) for line in upper], image.size, 0.84, 0.34, False)
            return _glowing(image, sheet, scene, "neon1" if scene.dark else "a", 1.0)
        case Family.GEMINI:
            sheet = _set([_cut(line, 0.035, 0.02) for line in lines], image.size, 0.86, 0.36, False)
            return _shadowed(image, sheet, scene, "sun")
        case _:
            sheet = _set([_cut(line, 0.055, 0.04) for line in upper], image.size, 0.86, 0.34, True)
            return _shadowed(image, sheet, scene, "c")


def _printed(image: Image.Image, sheet: Image.Image, manner: Manner) -> Image.Image:
    """Paper-white letters with a hard drop in the darkest ink."""
    inks, drop = inks_of(manner), max(1, round(image.height * 0.009))
    grown = sheet.filter(ImageFilter.MaxFilter(3))
    for step in range(drop, 0, -max(1, drop // 4)):
        image.paste(inks[0], (0, 0), ImageChops.offset(grown, step, step))
    image.paste(inks[5], (0, 0), sheet)
    return image


def _halo(sheet: Image.Image, reach: float) -> Image.Image:
    """The sheet blurred by `reach` picture heights."""
    tiny = sheet.resize((max(8, sheet.width // 4), max(8, sheet.height // 4)))
    return tiny.filter(ImageFilter.GaussianBlur(max(0.5, reach * tiny.height))).resize(sheet.size, BICUBIC)


def _glowing(image: Image.Image, sheet: Image.Image, scene: Scene, ink: str, strength: float) -> Image.Image:
    """Letters like lit tubes: a dark bed, a coloured glow, a white core."""
    wide, near = _halo(sheet, 0.03), _halo(sheet, 0.008)
    image.paste(solid(scene.inks["top"] * 0.4), (0, 0), wide.point(lambda v: min(150, v * 0.9)))
    light = Image.new("RGB", image.size)
    light.paste(solid(scene.inks[ink] * strength), (0, 0), ImageChops.lighter(wide, near))
    image = ImageChops.screen(image, light)
    image.paste(solid(mix(scene.inks[ink], scene.inks["sun"] * 0 + 255, 0.86)), (0, 0), sheet)
    return image


def _shadowed(image: Image.Image, sheet: Image.Image, scene: Scene, ink: str) -> Image.Image:
    """Letters in one ink over their soft shadow."""
    image.paste(
        solid(scene.inks["near"] * 0.5), (0, 0), _halo(sheet, 0.012).point(lambda v: min(230, v * 1.5))
    )
    image.paste(solid(mix(scene.inks[ink], scene.inks["sun"], 0.4)), (0, 0), sheet)
    return image
