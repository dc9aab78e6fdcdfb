"""What `gpgv --status-fd` tells (GnuPG doc/DETAILS, "Format of the --status-fd output")."""

from probe.lightweight import NamedTuple

_PREFIX = "[GNUPG:] "

GOOD, BAD, NO_KEY, KEY_EXPIRED, KEY_REVOKED, EXPIRED, NO_SIGNATURE, UNCHECKED = (
    "good",
    "bad",
    "no key",
    "key expired",
    "key revoked",
    "signature expired",
    "no signature",
    "unchecked",
)
_KINDS = {
    "GOODSIG": GOOD,
    "BADSIG": BAD,
    "EXPKEYSIG": KEY_EXPIRED,
    "REVKEYSIG": KEY_REVOKED,
    "EXPSIG": EXPIRED,
}
_NO_PUBKEY = "9"  # the reason code of ERRSIG
# The worse the later; of several signatures in a file the worst one is the verdict.
_ORDER = (GOOD, EXPIRED, KEY_EXPIRED, NO_KEY, UNCHECKED, KEY_REVOKED, BAD)


class SignatureResult(NamedTuple):
    """What became of a detached signature."""

    kind: str  # one of the constants above
    key: str = ""  # id of the key, or its fingerprint where the signature is valid
    signer: str = ""  # the user id, as the key has it
    made_at: int = 0  # seconds since the epoch; 0 when it is not told


def verdict(status: bytes) -> SignatureResult:
    """
    The verdict on all signatures together: good only if there is one and every one of them is.

    Never raises. A good one counts only with the VALIDSIG that belongs to it.
    """
    found: list[SignatureResult] = []
    for line in status.decode("utf-8", "replace").splitlines():
        if not line.startswith(_PREFIX):
            continue
        keyword, _, rest = line.removeprefix(_PREFIX).partition(" ")
        words = rest.split()
        if kind := _KINDS.get(keyword):
            found.append(SignatureResult(kind, words[0] if words else "", rest.partition(" ")[2]))
        elif keyword == "ERRSIG":
            no_key = len(words) > 5 and words[5] == _NO_PUBKEY
            found.append(SignatureResult(NO_KEY if no_key else UNCHECKED, words[0] if words else ""))
        elif keyword == "VALIDSIG" and found and len(words) > 2:
            found[-1] = found[-1]._replace(key=words[0], made_at=_seconds(words[2]))
    if not found:
        return SignatureResult(NO_SIGNATURE)
    worst = max(found, key=lambda one: _ORDER.index(one.kind))
    unproven = worst.kind == GOOD and not all(one.made_at for one in found)
    return worst._replace(kind=UNCHECKED) if unproven else worst


def _seconds(text: str) -> int:
    """0 for what is no moment: gpgv writes seconds since the epoch, in at most 10 digits."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 12 else 0
