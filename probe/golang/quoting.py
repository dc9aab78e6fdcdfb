"""Texts as Go writes them: with %q (strconv/quote.go), and into JSON."""

_ESCAPES = {
    '"': '\\"',
    "\\": "\\\\",
    "\a": "\\a",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\v": "\\v",
}


def quote(text: str) -> str:
    """*text* in double quotes; surrogates stand for bytes that are no UTF-8."""
    if text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    return '"' + "".join(map(_char, text)) + '"'


def json_text(text: str) -> str:
    """*text* as encoding/json writes it: each byte that is no UTF-8 becomes U+FFFD."""
    return "".join("\ufffd" if "\udc80" <= char <= "\udcff" else char for char in text)


def _char(char: str) -> str:
    code = ord(char)
    if char in _ESCAPES:
        return _ESCAPES[char]
    if char.isprintable():
        return char
    if code < 0x80:
        return f"\\x{code:02x}"
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
