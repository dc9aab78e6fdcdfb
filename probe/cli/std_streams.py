"""Standard streams that are not there."""

from probe.lightweight import os


def fill() -> None:
    """
    Where 0, 1 or 2 is closed, put something there on which nothing can be written.

    Otherwise the next file or connection would get that number, and the report be
    written into it.
    """
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open("/", os.O_RDONLY | os.O_DIRECTORY)  # takes the lowest free number
