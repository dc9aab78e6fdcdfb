"""Lines of configuration files as Go's net package takes them apart (net/parse.go)."""

BLANK = " \t\r\n"
_TO_SPACES = str.maketrans(BLANK, " " * len(BLANK))


def fields(line: str) -> list[str]:
    """What stands between blanks, of which a no-break space is none (getFields)."""
    return list(filter(None, line.translate(_TO_SPACES).split(" ")))


def lower(text: str) -> str:
    """With the letters of ASCII alone in lower case (lowerASCIIBytes)."""
    return text.encode("utf-8", "surrogateescape").lower().decode("utf-8", "surrogateescape")
