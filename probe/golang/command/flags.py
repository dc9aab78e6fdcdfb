"""Lists of words in one variable, as the go command splits them (cmd/internal/quoted)."""

_BLANK = " \t\n\r"


def split(text: str) -> list[str] | None:
    """
    The words of *text*; None when a quote is never closed.

    A quote counts only where a word begins, nothing is unescaped inside, and what
    follows the closing quote is a word of its own.
    """
    words: list[str] = []
    at = 0
    while True:
        while at < len(text) and text[at] in _BLANK:
            at += 1
        if at == len(text):
            return words
        if text[at] in "\"'":
            end = text.find(text[at], at + 1)
            if end < 0:
                return None
            words.append(text[at + 1 : end])
            at = end + 1
        else:
            end = at
            while end < len(text) and text[end] not in _BLANK:
                end += 1
            words.append(text[at:end])
            at = end


def join(words: list[str]) -> str:
    """One text that splits into *words*; when one of them holds both quotes, the bare words."""
    quoted = []
    for word in words:
        if not any(char in word for char in _BLANK + "\"'"):
            quoted.append(word)
        elif "'" not in word:
            quoted.append(f"'{word}'")
        elif '"' not in word:
            quoted.append(f'"{word}"')
        else:
            return " ".join(words)
    return " ".join(quoted)
