"""An image that holds Debian's own Python, `probe` as pip would install it, and a workload."""

import shutil
from pathlib import Path

import waitress

import probe
from tests.containers import bases
from tests.containers.engine import Engine

_CHECKOUT = Path(str(probe.__file__)).parent.parent
_DOCKERFILE = """FROM {base}
COPY site /usr/local/lib/python3.11/dist-packages/
COPY --chmod=755 probe /usr/local/bin/
COPY recorder.py /
# The base has no times of files, by which bytecode is known to be fresh.
RUN python3 -m compileall -qf /usr/lib/python3.11 /usr/local/lib/python3.11
ENV TZ=UTC
"""


def image(engine: Engine, folder: Path) -> str:
    """Its tag; /recorder.py is a workload that writes down its signals. *folder*, empty, is worked in."""
    base = engine.imported("python", bases.debian(bases.PYTHON), 'CMD ["python3"]')
    for package in (probe, waitress):
        home = Path(str(package.__file__)).parent
        shutil.copytree(home, folder / "site" / home.name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(Path(__file__).parent.parent / "support" / "recorder.py", folder)
    shutil.copy(_CHECKOUT / "bin/probe", folder)
    (folder / "Dockerfile").write_text(_DOCKERFILE.format(base=base))
    return engine.image("entrypoint", lambda _: engine.build(folder, "entrypoint"))
