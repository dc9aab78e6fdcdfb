"""Mozilla's roots as `certifi` brings them: to tell a stale bundle from a private authority."""

from probe.formats import pem
from probe.golang.release import Go
from probe.golang.x509.certificate import Certificate, Parser


def roots(go: Go) -> list[Certificate]:
    """All of them, as *go* reads them. Takes some 50 ms: only where something is wrong already."""
    import certifi

    parser = Parser(go)
    blocks = pem.split(certifi.contents().encode())
    parsed = [parser.parse(block.data) for block in blocks if not block.fault]
    return [one for one in parsed if isinstance(one, Certificate)]
