"""The honest corner mark: the word "simulated" on a small dark pill at the bottom right."""

from PIL import Image, ImageDraw

from runtz_sim.art.lettering import face

WORD = "simulated"


def mark_box(width: int, height: int) -> tuple[int, int, int, int]:
    """Where the mark lies in a picture of that size, in pixels: left, top, right, bottom."""
    size = max(9, round(0.02 * min(width, height)))
    across, pad = round(face(size).getlength(WORD)), max(2, size // 2)
    margin = max(1, round(0.022 * min(width, height)))
    left = max(0, width - margin - across - 2 * pad)
    return left, max(0, height - margin - size - 2 * (pad // 2) - 2), width - margin, height - margin


def marked(image: Image.Image) -> Image.Image:
    """The image with its mark; it is drawn in place."""
    box = mark_box(image.width, image.height)
    size = max(9, round(0.02 * min(image.size)))
    pill = Image.new("L", (box[2] - box[0], box[3] - box[1]))
    ImageDraw.Draw(pill).rounded_rectangle(
        (0, 0, pill.width - 1, pill.height - 1), pill.height // 2, fill=150
    )
    image.paste((10, 11, 16), box, pill)
    middle = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
    ImageDraw.Draw(image).text(middle, WORD, (236, 238, 244), face(size), "mm")
    return image
