"""`probe inspect offline`: the modules of a go.mod and where they are, unjudged."""

import json

from probe.facts import Facts
from probe.golang.release import NEWEST
from probe.inspect import offline
from tests.support.commands import MakeTarget, RunProbe

GO_MOD = """module example.com/app // ours

go 1.21
toolchain go1.24.1
require (
\t"example.com/M" v1.0.0
\texample.com/n v1.1.0 // indirect
)
require example.com/o v1.2.0
replace example.com/n v1.1.0 => example.com/fork v1.1.1
replace example.com/o => ../o
"""
FILES = {
    "/src/go.mod": GO_MOD,
    "/src/go.sum": "example.com/M v1.0.0 h1:x=\nexample.com/fork v1.1.1/go.mod h1:x=\n",
    "/cache/cache/download/example.com/fork/@v/v1.1.1.zip": "",
    "/cache/example.com/!m@v1.0.0/m.go": "",
}


def test_each_module_that_is_listed(make_target: MakeTarget) -> None:
    """Replaced ones as what replaces them; an unpacked one counts with the hash of its archive only."""
    target = make_target(FILES, GOMODCACHE="/cache", GOPROXY="https://me:s3cret@p.example")
    answer = offline.inspect(Facts(target, go=NEWEST), "/src")
    assert answer["module"] == "example.com/app"
    assert (answer["go_line"], answer["toolchain_line"]) == ("1.21", "go1.24.1")
    assert answer["environment"]["GOPROXY"] == "https://***@p.example"
    first = {"path": "example.com/M", "version": "v1.0.0", "indirect": False, "from": "example.com/M@v1.0.0"}
    assert answer["required"] == [
        {**first, "sum": True, "cached": False},
        {
            "path": "example.com/n",
            "version": "v1.1.0",
            "indirect": True,
            "from": "example.com/fork@v1.1.1",
            "sum": False,
            "cached": True,
        },
        {
            "path": "example.com/o",
            "version": "v1.2.0",
            "indirect": False,
            "from": "../o",
            "sum": None,
            "cached": None,
        },
    ]
    hashed = {**FILES, "/cache/cache/download/example.com/!m/@v/v1.0.0.ziphash": "h1:x="}
    again = offline.inspect(Facts(make_target(hashed, GOMODCACHE="/cache"), go=NEWEST), "/src")
    assert again["required"][0] == {**first, "sum": True, "cached": True}


def test_what_looks_like_a_secret_is_hidden(make_target: MakeTarget) -> None:
    """A go.mod may hold anything in the place of a path."""
    odd = "module example.com/app\nrequire me:s3cret@example.com/m v1\nrequire example.com/token=s3cret v1\n"
    answer = offline.inspect(Facts(make_target({"/src/go.mod": odd}), go=NEWEST), "/src")
    assert "s3cret" not in json.dumps(answer)
    assert [one["path"] for one in answer["required"]] == ["***@example.com/m", "example.com/token=***"]


def test_as_a_user_runs_it(run_probe: RunProbe, make_target: MakeTarget) -> None:
    """One object, or one line that says what is missing."""
    root = make_target(FILES).name
    done = run_probe("inspect", "offline", "/src", "--root", root)
    assert json.loads(done.out)["module"] == "example.com/app"
    none = run_probe("inspect", "offline", "/etc", "--root", root)
    assert (none.code, none.out) == (1, "")
    assert none.err == "probe: inspect offline: /etc/go.mod: no such file or directory\n"
    assert run_probe("inspect", "offline").code == 64
