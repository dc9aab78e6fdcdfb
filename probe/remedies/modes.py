"""What chmod(1) makes of a mode: octal digits, or clauses such as u+rw and a+rX."""

_CLASSES = {"u": 6, "g": 3, "o": 0}
_BITS = {"r": 4, "w": 2, "x": 1}


def changed(mode: int, wanted: str, *, is_dir: bool) -> int:
    """*mode* after `chmod WANTED`; ValueError for letters that are none of chmod's."""
    if wanted.isdigit():
        return mode & ~0o7777 | int(wanted, 8)
    for clause in wanted.split(","):
        sign = next(char for char in clause if char in "+-=")
        who, _, letters = clause.partition(sign)
        executable = is_dir or mode & 0o111
        bits = sum(_BITS[char] for char in letters.replace("X", "x" if executable else ""))
        for name in "ugo" if who in ("", "a") else who:
            shifted = bits << _CLASSES[name]
            if sign == "=":
                mode &= ~(7 << _CLASSES[name])
            mode = mode & ~shifted if sign == "-" else mode | shifted
    return mode
