"""The value of a variable as it was pasted."""


def value(name: str, text: str, around: str) -> str:
    """*text* without the signs *around* it, and without `NAME=` in front, in any case."""
    text = text.strip(around)
    if text[: len(name) + 1].upper() == f"{name}=":
        text = text[len(name) + 1 :].strip(around)
    return text
