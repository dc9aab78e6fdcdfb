"""`probe inspect env`: its shape, and that no secret is in it."""

import json
from pathlib import Path

from probe.facts import Facts
from probe.golang.command.environment import GoSetting, look
from probe.golang.command.toolchain import find
from probe.golang.release import NEWEST, Go
from probe.inspect import env
from probe.targets import at_root
from tests.support.commands import MakeTarget
from tests.support.toolchains import Toolchain

ORIGINS = {"os", "file", "go.env", "default", "unknown"}


def test_each_variable_has_a_value_and_an_origin(go_newest: Toolchain, tmp_path: Path) -> None:
    """All the names of `go env`, sorted, as JSON texts."""
    home = tmp_path / ".config" / "go"
    home.mkdir(parents=True)
    (home / "env").write_text("GOSUMDB=off\n")
    target = at_root("/", {"PATH": f"{go_newest.root}/bin", "HOME": str(tmp_path), "GOFLAGS": "-mod=mod"})
    answer = env.inspect(Facts(target, go=NEWEST))
    assert json.loads(json.dumps(answer)) == answer
    assert list(answer) == sorted(look(target, find(target), NEWEST).settings)
    assert {*map(frozenset, answer.values())} == {frozenset({"value", "origin"})}
    assert {entry["origin"] for entry in answer.values()} == ORIGINS
    assert answer["GOFLAGS"] == {"value": "-mod=mod", "origin": "os"}
    assert answer["GOSUMDB"] == {"value": "off", "origin": "file"}
    assert answer["GOPROXY"] == {"value": "https://proxy.golang.org,direct", "origin": "go.env"}
    assert answer["GOGCCFLAGS"] == {"value": "", "origin": "unknown"}


def test_without_a_go_command_the_rest_is_told(make_target: MakeTarget) -> None:
    """What the environment and the file say, and the defaults of the release that is asked for."""
    answer = env.inspect(
        Facts(make_target({"/h/.config/go/env": "MINE=1\n"}, HOME="/h", GOPROXY="off"), go=NEWEST)
    )
    assert answer["GOPROXY"] == {"value": "off", "origin": "os"}
    assert answer["MINE"] == {"value": "1", "origin": "file"}
    assert answer["GOBIN"] == {"value": "/h/go/bin", "origin": "default"}
    assert answer["GOROOT"] == {"value": "", "origin": "unknown"}
    assert "GOAUTH" not in env.inspect(Facts(make_target(), go=Go((1, 21, 0), "as-go")))


def test_secrets_and_megabytes_stay_inside(make_target: MakeTarget) -> None:
    """Values are redacted by name and by content, cut, and made of characters that JSON can carry."""
    content = b"MY_TOKEN=hunter2\nGOPRIVATE=\xff\nA\xffB=1\nGOVCS=" + b"x" * 5000 + b"\n"
    target = make_target({"/h/.config/go/env": content}, HOME="/h", GOPROXY="https://u:hunter2@h|direct")
    answer = env.inspect(Facts(target, go=NEWEST))
    assert "hunter2" not in json.dumps(answer)
    assert answer["MY_TOKEN"] == {"value": "***", "origin": "file"}
    assert answer["GOPROXY"]["value"] == "https://***@h|direct"
    assert answer["GOPRIVATE"]["value"] == "\ufffd"
    assert answer["A\ufffdB"]["value"] == "1"
    assert answer["GOVCS"]["value"] == "x" * 256 + "… (5000 characters)"
    json.dumps(answer).encode()
    token = GoSetting("hunter2", "file", "/h/.config/go/env", 1)
    assert look(target, None, NEWEST).settings["MY_TOKEN"] == token
