"""Mutations of PEM: base64 and its padding, dashes, labels, headers, white space, blocks run together."""

import random
from base64 import b64encode
from collections.abc import Sequence

_TOKENS = [
    b"-----BEGIN CERTIFICATE-----\n", b"-----END CERTIFICATE-----\n", b"-----BEGIN ", b"-----END ",
    b"-----", b"----", b"------", b"-",
    b"\n", b"\n\n", b"\r\n", b"\r", b"\r\r\n", b" ", b"\t", b"\v", b"\f", b"\0", b"\xc2\xa0",
    b"\xef\xbb\xbf", b"\xff",
    b"=", b"==", b"===", b"====", b"\n====\n", b"=\n=", b"A", b"AA", b"AAA", b"AAAA", b"A=", b"AA=",
    b"AA==", b"AAA=", b"+/", b"_-", b"#",
    b":", b"a:b\n", b"Proc-Type: 4,ENCRYPTED\n", b"Key: v\n\n", b": \n", b"text\n", b"CERTIFICATE",
    b"TRUSTED CERTIFICATE", b"X509 CRL", b"certificate",
    b"\n-----END CERTIFICATE-----", b"-----END CERTIFICATE----------BEGIN CERTIFICATE-----\n",
    b"-----END X-----\n", b"-----BEGIN X-----\n",
]  # fmt: skip
_ENDS = [b"\n", b"\n", b"\n", b"\n", b"\r\n", b"\r\n", b"\r", b" \n", b"\t\n", b"\n\n", b"", b"\r\r\n"]
_HEADERS = (b"a: b\n\n", b"a:b\n", b":\n", b"a\n", b"\n")
_LABELS = (b"", b"X", b"CERTIFICATE ", b"A B", b"\xff")
_WIDTHS = (64, 64, 64, 76, 1, 3, 4, 100_000)


class PemMutator:
    """Makes files of PEM out of *contents*, each with something strange about it."""

    def __init__(self, contents: Sequence[bytes], chance: random.Random) -> None:
        self._contents = contents
        self.chance = chance

    def mutant(self) -> bytes:
        chance = self.chance
        data = b"".join(self._block() for _ in range(chance.choice((1, 1, 1, 2, 2, 3))))
        for _ in range(chance.choice((0, 1, 1, 1, 2, 2, 4, 8))):
            data = self._changed(data)
        return data

    def _block(self) -> bytes:
        chance = self.chance
        content = self._content()
        end, width = (chance.choice(_ENDS) if chance.random() < 0.3 else b"\n"), chance.choice(_WIDTHS)
        lines = [content[at : at + width] for at in range(0, len(content), width)]
        header = (
            chance.choice((b"a: b\n\n", b"a:b\n", b":\n", b"a\n", b"\n")) if chance.random() < 0.1 else b""
        )
        label = (
            b"CERTIFICATE"
            if chance.random() < 0.9
            else chance.choice((b"", b"X", b"CERTIFICATE ", b"A B", b"\xff"))
        )
        body = b"".join(line + end for line in lines)
        return b"-----BEGIN " + label + b"-----" + end + header + body + b"-----END " + label + b"-----" + end

    def _content(self) -> bytes:
        """Base64, at times of what is no certificate, at times with padding or bits that nobody writes."""
        chance = self.chance
        content = (
            chance.choice(self._contents) if chance.random() < 0.4 else chance.randbytes(chance.randrange(24))
        )
        text = b64encode(content)
        if chance.random() < 0.25:
            bare = text.rstrip(b"=")
            text = bare + b"=" * chance.randrange(6)
        if chance.random() < 0.1 and text:
            at = len(text.rstrip(b"=")) - 1  # the last digit may say bits that padding makes meaningless
            text = text[: max(at, 0)] + chance.choice((b"A", b"B", b"/", b"=", b"-", b"_")) + text[at + 1 :]
        return text

    def _changed(self, data: bytes) -> bytes:
        chance, size = self.chance, len(data)
        at = self._place(data)
        kind = chance.randrange(7)
        if kind <= 1:
            return data[:at] + chance.choice(_TOKENS) + data[at:]
        if kind == 2:
            return data[:at] + data[at + chance.choice((1, 1, 1, 2, 5, 11, 30)) :]
        lines = data.split(b"\n")
        line, other = chance.randrange(len(lines)), chance.randrange(len(lines))
        if kind == 3:
            lines[line], lines[other] = lines[other], lines[line]
        elif kind == 4:
            lines.insert(other, lines[line])
        elif kind == 5:
            del lines[line]
        elif size:
            return data[:at] + bytes((data[at % size] ^ 1 << chance.randrange(8),)) + data[at + 1 :]
        return b"\n".join(lines)

    def _place(self, data: bytes) -> int:
        """Anywhere, and often where something begins or ends."""
        chance = self.chance
        at = chance.randrange(len(data) + 1)
        if chance.random() < 0.6:
            mark = chance.choice((b"-----", b"\n", b"=", b"BEGIN", b"END"))
            found = data.find(mark, at) if chance.random() < 0.5 else data.rfind(mark, 0, at)
            if found >= 0:
                at = found + chance.choice((0, len(mark)))
        return at
