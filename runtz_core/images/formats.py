"""The four picture formats we keep, recognised by their first bytes and by nothing a stranger declares."""

from dataclasses import dataclass

from runtz_core.images.errors import BadImage


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureFormat:
    """A format as three parties name it: the web, the disk and Pillow."""

    media_type: str
    extension: str
    pillow: str


PNG = PictureFormat(media_type="image/png", extension="png", pillow="PNG")
JPEG = PictureFormat(media_type="image/jpeg", extension="jpg", pillow="JPEG")
WEBP = PictureFormat(media_type="image/webp", extension="webp", pillow="WEBP")
AVIF = PictureFormat(media_type="image/avif", extension="avif", pillow="AVIF")

FORMATS: dict[str, PictureFormat] = {form.media_type: form for form in (PNG, JPEG, WEBP, AVIF)}

# HEIC shares the container of AVIF; of the generic brands only a file that also lists "avif" is one.
_AVIF_BRANDS = (b"avif", b"avis")
_GENERIC_BRANDS = (b"mif1", b"msf1")


def sniff(data: bytes) -> PictureFormat:
    """The format these bytes begin like. Raises BadImage for everything else, saying what came instead."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if data.startswith(b"\xff\xd8\xff"):
        return JPEG
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return WEBP
    if _is_avif(data):
        return AVIF
    raise BadImage(f"{_instead(data)} came where a PNG, JPEG, WebP or AVIF picture was expected.")


def _is_avif(data: bytes) -> bool:
    if data[4:8] != b"ftyp":
        return False
    brand, brands = data[8:12], data[16 : min(int.from_bytes(data[:4]), 256)]
    listed = any(brands[at : at + 4] == b"avif" for at in range(0, len(brands), 4))
    return brand in _AVIF_BRANDS or (brand in _GENERIC_BRANDS and listed)


def _instead(data: bytes) -> str:
    """What a person can be told about bytes that are no picture of ours."""
    start = data[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not start:
        return "Nothing"
    if b"<svg" in start:
        return "An SVG drawing"
    if start.startswith(b"<"):
        return "A web page"
    if start.startswith((b"{", b"[")):
        return "A text answer"
    if start.startswith(b"gif8"):
        return "A GIF"
    return "Something else"
