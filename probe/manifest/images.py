"""What the name of an image tells about what it holds."""

EMPTY = "scratch"


def has_no_shell(image: str) -> bool:
    """Whether /bin/sh is certainly missing: scratch, and distroless, whose debug images have it elsewhere."""
    return image.lower() == EMPTY or "distroless" in image.lower()


def is_ours(image: str) -> bool:
    """Whether the image is called probe, whatever its registry, tag and digest."""
    return image.partition("@")[0].rpartition("/")[2].partition(":")[0] == "probe"
