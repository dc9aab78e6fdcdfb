"""TLS alerts (RFC 8446 6.2) as crypto/tls/alert.go names them."""

_NAMES = {
    0: "close notify",
    10: "unexpected message",
    20: "bad record MAC",
    22: "record overflow",
    40: "handshake failure",
    42: "bad certificate",
    43: "unsupported certificate",
    44: "revoked certificate",
    45: "expired certificate",
    46: "unknown certificate",
    47: "illegal parameter",
    48: "unknown certificate authority",
    49: "access denied",
    50: "error decoding message",
    51: "error decrypting message",
    70: "protocol version not supported",
    71: "insufficient security level",
    80: "internal error",
    86: "inappropriate fallback",
    90: "user canceled",
    100: "no renegotiation",
    109: "missing extension",
    110: "unsupported extension",
    112: "unrecognized name",
    116: "certificate required",
    120: "no application protocol",
}


def name(number: int) -> str:
    return _NAMES.get(number, f"alert({number})")


def remote_error(number: int) -> str:
    """What a Go client says to an alert that a server sends."""
    return f"remote error: tls: {name(number)}"
