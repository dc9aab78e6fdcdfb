"""Certificates for tests that want many of them, or a public bundle."""

import certifi


def mozilla() -> bytes:
    """Mozilla's roots as one PEM bundle."""
    return certifi.contents().encode()
