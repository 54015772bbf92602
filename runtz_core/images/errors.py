"""Everything that can go wrong with a picture, grouped by what the caller does next."""


class ImageError(Exception):
    """A picture could not be taken in or shown. `reason` is one plain sentence for people."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class BadImage(ImageError):
    """The bytes are not one whole, acceptable picture: the call fails, the same bytes will never do."""


class StorageFull(ImageError):
    """The disk would not take the picture: the call fails until a person makes room or gives permission."""


class DecoderUnavailable(ImageError):
    """No decode process can be started here: a fault of this installation, not of the picture."""


class ThumbnailBusy(ImageError):
    """Too many thumbnails are being rebuilt: the caller may ask again in a few seconds."""


class ImageNotFound(ImageError):
    """There is no such picture, or it is not this person's; nobody is told which."""

    def __init__(self) -> None:
        super().__init__("There is no such picture.")


class ImageDamaged(ImageError):
    """The picture's file is lost or changed on the disk, and was set aside so that nobody takes it for good."""

    def __init__(self) -> None:
        super().__init__(
            "The file of this picture is damaged on the server's disk and was set aside. "
            "Its owner can bring it back from a backup."
        )
