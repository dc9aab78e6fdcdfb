"""Mozilla's roots as `certifi` brings them: to tell a stale bundle from a private authority."""

from probe.formats import pem
from probe.golang.release import Go
from probe.golang.x509 import mozilla, public_roots
from probe.golang.x509.certificate import Parser
from probe.golang.x509.certificate_fields import Certificate


def roots(go: Go) -> list[Certificate]:
    """All of them, as *go* reads them; only where something is wrong already."""
    parser = Parser(go)
    blocks = (block.data for block in pem.split(mozilla.bundle()) if not block.fault)
    made = (public_roots.find(block, go) or parser.parse(block) for block in blocks)
    return [one for one in made if isinstance(one, Certificate)]
