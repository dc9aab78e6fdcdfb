"""The runs that the README shows: a service in an empty image, and the same with what the fixes brought."""

import shutil
from pathlib import Path

import certifi

from probe.golang import zonedata
from tests.golang import builds
from tests.pictures import terminal

COMMAND = "check --root rootfs --set go-version.binary=/app/server --env TZ=Asia/Shanghai --role ready"


def failing_and_fixed(folder: Path) -> str:
    """Both runs as a terminal shows them; in between, the two files that the fixes name are copied."""
    root = folder / "rootfs"
    (root / "app").mkdir(parents=True)
    shutil.copy(builds.build("1.27.3", {"main.go": builds.HELLO}, CGO_ENABLED="0"), root / "app" / "server")
    failing = terminal.run(COMMAND.split(), folder)
    bundle = root / "etc" / "ssl" / "certs" / "ca-certificates.crt"
    bundle.parent.mkdir(parents=True)
    bundle.write_bytes(Path(certifi.where()).read_bytes())
    zone = root / "usr" / "share" / "zoneinfo" / "Asia" / "Shanghai"
    zone.parent.mkdir(parents=True)
    zone.write_bytes(zonedata.load("Asia/Shanghai") or b"")
    fixed = terminal.run(COMMAND.split(), folder)
    typed = f"$ probe {COMMAND}\n"
    return f"{typed}{failing}\n$ # with these two lines in the Dockerfile\n{typed}{fixed}"
