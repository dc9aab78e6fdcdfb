"""What probe prints for an image is carried out: its archive is judged again, its program is run."""

import json
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.golang.builds import HELLO, build, module
from tests.remedies import printed
from tests.remedies.fault import GO
from tests.remedies.image_faults import FAULTS, ImageFault
from tests.support.commands import clean_environment
from tests.support.images import Image, file, tarred, write_tar


@pytest.mark.parametrize("fault", [pytest.param(one, id=one.code) for one in FAULTS])
def test_the_remedy_helps(fault: ImageFault, tmp_path: Path) -> None:
    """The finding is gone from the archive of the image that the printed lines make; nothing is worse."""
    program = build(GO, module(HELLO), *fault.flags)
    layers = [tarred([file("app", program.read_bytes(), 0o755)])]
    layers += [tarred([file(f"file-{number}", b"x")]) for number in range(fault.more)]
    (finding,) = (one for one in _judged(layers, tmp_path, fault) if one["code"] == fault.code)
    printed.hold(f"image: {fault.code}", finding)
    for line in finding["remedy"].split("\n"):
        layers, program = _built(line, layers, program)
    after = _judged(layers, tmp_path, fault)
    assert {one["status"] for one in after} == {"pass"}, (finding["remedy"], after)
    done = subprocess.run([program], capture_output=True, text=True, timeout=20)
    assert (done.returncode, done.stderr) == (0, "alive\n")


def _built(line: str, layers: list[bytes], program: Path) -> tuple[list[bytes], Path]:
    """The layers and the program after one line of the Dockerfile, whose program lies in /out too."""
    words = shlex.split(line)
    if line == "FROM scratch":
        return [], program
    if words[:3] == ["COPY", "--from=build", "/out/"]:
        return [*layers, tarred([file("app", program.read_bytes(), 0o755)])], program
    assert words[0] == "RUN", line
    env = dict(word.partition("=")[::2] for word in words[1 : words.index("go")])
    flags = [word for word in words[words.index("build") + 1 :] if word not in ("-o", "/app", ".")]
    program = build(GO, module(HELLO), *flags, **env)
    return [tarred([file("app", program.read_bytes(), 0o755)]), *layers[1:]], program


def _judged(layers: list[bytes], scratch: Path, fault: ImageFault) -> list[dict[str, Any]]:
    archive = write_tar(scratch / "image.tar", Image(layers, Entrypoint=["/app"]).saved())
    command = [
        sys.executable,
        *printed.ALL,
        "-m",
        "probe",
        "check",
        "--image",
        str(archive),
        "--only",
        "image",
    ]
    command += ["--format", "json", *(f"--set={setting}" for setting in fault.settings)]
    done = subprocess.run(command, env=clean_environment(), capture_output=True, text=True, timeout=100)
    assert done.stdout, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)["checks"][0]["findings"]
    return found
