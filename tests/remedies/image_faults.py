"""Images that are not as was agreed on."""

from typing import NamedTuple


class ImageFault(NamedTuple):
    """An image that is not as agreed on: how its program was built, and what lies in further layers."""

    code: str
    flags: tuple[str, ...] = ()
    more: int = 0  # layers
    settings: tuple[str, ...] = ()


FAULTS = (
    ImageFault("IMAGE_BINARY_DYNAMIC", ("-buildmode=pie",)),
    ImageFault("IMAGE_BINARY_TOO_LARGE", settings=("image.max_binary_mb=1.5",)),
    ImageFault("IMAGE_LAYERS_TOO_MANY", more=6),
)
