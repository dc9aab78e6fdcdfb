"""Settings of every source, which one wins, and what is said about it."""

import json
import os
import subprocess
import sys
import tomllib
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from probe.checks import NAMES
from probe.checks import load as load_check
from probe.config import files, variables
from probe.config.json_schema import config_schema
from probe.config.load import Settings, load
from probe.config.schema import DEFAULTS, OPT_IN, TABLES, TOP, owner, table_of
from probe.config.show import show
from probe.config.values import checked, from_text, plain_texts
from probe.errors import ConfigError
from probe.options import InvalidValue, Option
from tests.support.commands import RunProbe, clean_environment
from tests.support.schemas import jsonschema

NOWHERE = "/no/such/probe.toml"


def settings(text: str = "", *, tmp: Path | None = None, **more: Any) -> Settings:
    """The settings of a system file with *text*, and whatever else is given."""
    system = NOWHERE
    if tmp:
        (tmp / "system.toml").write_text(text)
        system = str(tmp / "system.toml")
    return load(**{"environ": {}, "system_file": system, **more})


def check(found: Settings, name: str) -> Any:
    return found.check(name)


def test_without_any_source_defaults_hold() -> None:
    """Five seconds, not strict, every check but those to opt in to, each with the defaults of its class."""
    found = settings()
    usual = tuple(name for name in NAMES if name not in OPT_IN)
    assert found == Settings(5.0, False, usual, {}, {})
    assert found.selected == tuple(map(load_check, usual))


def test_later_sources_win(tmp_path: Path) -> None:
    """Defaults, system file, --config, variables, --set: each overlays the one before, key by key."""
    more = tmp_path / "more.toml"
    more.write_text('[timezone]\nexpected = "Europe/Rome"\ncopy = "fail"\n')
    system = '[timezone]\nexpected = "Europe/Paris"\nmissing = "fail"\n'

    def expected(**sources: Any) -> tuple[str, str]:
        found = settings(system, tmp=tmp_path, **sources)
        return check(found, "timezone").expected, found.origins["timezone", "expected"]

    variable = {"PROBE_TIMEZONE__EXPECTED": "Europe/Oslo"}
    assert expected() == ("Europe/Paris", f"{tmp_path}/system.toml:2")
    assert expected(config=str(more)) == ("Europe/Rome", f"{more}:2")
    assert expected(config=str(more), environ=variable) == ("Europe/Oslo", "PROBE_TIMEZONE__EXPECTED")
    sources = {"config": str(more), "environ": variable, "sets": ["timezone.expected=UTC"]}
    assert expected(**sources) == ("UTC", "--set")
    found = check(settings(system, tmp=tmp_path, **sources), "timezone")
    assert (found.copy, found.missing) == ("fail", "fail")


def test_an_opt_in_check_runs_where_its_table_is(tmp_path: Path) -> None:
    """Configured it runs, and --show says why; where `checks` is set, that alone decides."""
    usual = DEFAULTS["checks"]
    for name in OPT_IN:
        key = next(iter(table_of(name).options))
        table = f"[{name}]\n{key} = {json.dumps(getattr(owner(name), key))}\n"
        found = settings(table, tmp=tmp_path)
        assert found.enabled == (*usual, name)
        assert found.origins["checks",] == f"default, and {name} for {tmp_path}/system.toml:2"
        assert settings(table, tmp=tmp_path, sets=["checks=timezone"]).enabled == ("timezone",)
        assert settings(sets=[f"checks={name}"]).enabled == (name,)


def test_the_last_of_two_sets_wins() -> None:
    """As with any option that is repeated."""
    assert settings(sets=["strict=true", "strict=false"]).strict is False


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("boolean", "true", True),
        ("integer", "3", 3),
        ("number", "2", 2.0),
        ("number", "2.5", 2.5),
        ("string", "plain text, as it is", "plain text, as it is"),
        ("string", '"with \\u0041 escape"', "with A escape"),
        ("string", "'literal \\'", "literal \\"),
        ("string", '""', ""),
        ("string", "1.20", "1.20"),
        ("version", "1.20", "1.20"),
        ("version", '"1.20"', "1.20"),
        ("version", "go1.21rc2", "go1.21rc2"),
        ("choice", "warn", "warn"),
        ("strings", "one", ("one",)),
        ("strings", '["one", "two"]', ("one", "two")),
        ("strings", "[]", ()),
        ("choices", "warn", ("warn",)),
        ("choices", '["warn", "fail", "warn"]', ("fail", "warn")),
    ],
)
def test_a_text_means_toml_or_itself(kind: str, text: str, value: object) -> None:
    """In variables and after --set a plain text needs no quotes, and a version stays a text."""
    option = Option("key", kind, "", choices=("fail", "warn"))
    assert checked(option, from_text(option, text)) == value


@pytest.mark.slow
@given(st.sampled_from(["boolean", "integer", "number", "string", "version", "choice", "strings"]), st.text())
def test_any_text_is_a_value_or_wrong(kind: str, text: str) -> None:
    """Nothing that stands in a variable makes anything else than a value or a message."""
    option = Option("key", kind, "", choices=("fail", "warn"), minimum=0)
    with suppress(InvalidValue):
        checked(option, from_text(option, text))


@given(st.binary(max_size=200))
def test_any_file_is_settings_or_an_error(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    """Whatever a file holds, loading it gives settings or a ConfigError."""
    file = tmp_path_factory.getbasetemp() / "any.toml"
    file.write_bytes(data)
    with suppress(ConfigError):
        load(config=str(file), environ={}, system_file=NOWHERE)


@given(
    st.one_of(
        st.text("[]\",# \\\t\n'ab", max_size=12).map(lambda text: f"[{text}]"),
        st.lists(st.text(max_size=5)).map(json.dumps),
        st.lists(st.text(max_size=5)).map(lambda texts: json.dumps(texts, ensure_ascii=False)),
    )
)
@example('["api.internal:443", "[::1]:443" ]')
@example('["a,b"]')
def test_plain_lists_are_what_toml_says(text: str) -> None:
    """What is read without tomllib is read as tomllib does."""
    found = plain_texts(text)
    if found is not None:
        assert tomllib.loads(f"value = {text}") == {"value": found}


def test_the_usual_list_is_plain() -> None:
    """It is not passed over; what only looks like one is."""
    assert plain_texts('["api.internal:443", "[::1]:443" ]') == ["api.internal:443", "[::1]:443"]
    for other in ('["a,b"]', "[]", '["a" "b"]', '["a"', '[["a"]]', '["\\u0041"]', '["a",]', '["a"] # b'):
        assert plain_texts(other) is None


def test_variables_of_strangers_are_let_be() -> None:
    """What Kubernetes derives from a Service called "probe" breaks no pod, and is not hidden either."""
    strangers = {"PROBE_PORT": "tcp://10.0.0.1:80", "PROBE_SERVICE_HOST": "10.0.0.1", "PROBE_TIMEOUT": "3"}
    found = settings(environ={**strangers, "PROBES": "1", "PROBE_STRICT": "true"})
    assert found.strict
    assert found.strangers == tuple(sorted(strangers))
    assert "# not a setting of probe, left alone: PROBE_PORT\n" in show(found)


def test_an_underscore_too_few_is_refused() -> None:
    """It was meant for us: no Service makes such a name."""
    with pytest.raises(ConfigError) as problem:
        settings(environ={"PROBE_CA_BUNDLE_ENDPOINTS": "a.internal:443"})
    assert str(problem.value) == (
        "PROBE_CA_BUNDLE_ENDPOINTS: two underscores separate table and key: PROBE_CA_BUNDLE__ENDPOINTS"
    )
    assert settings(environ={"PROBE_CA_BUNDLE_ENDPOINTS": ""}).strangers == ("PROBE_CA_BUNDLE_ENDPOINTS",)


def test_an_empty_variable_is_none() -> None:
    """`PROBE_STRICT: ${STRICT:-}` in a compose file leaves the default."""
    assert settings(environ={"PROBE_STRICT": "", "PROBE_TIMEZONE__EXPECTED": ""}).origins == {}


def test_every_key_has_its_variable() -> None:
    """The variable's name leads to the key and back."""
    paths: list[tuple[str, ...]] = [(name,) for name in TOP]
    tables = [table_of(name) for name in TABLES]
    paths += [(table.name, key) for table in tables for key in table.options]
    paths += [(table.name, "CGO_ENABLED", rule) for table in tables for rule in table.rules]
    for path in paths:
        assert variables.path_of(variables.name_of(path)) == path


def test_every_option_is_a_field_with_a_fitting_default() -> None:
    """What a check describes and what it holds by default are the same keys, of the described kinds."""
    for one in map(owner, TABLES):
        fields: dict[str, Any] = one._asdict()  # type: ignore[attr-defined]
        assert set(fields) == {option.name for option in one.options}
        for option in one.options:
            assert option.doc
            if option.kind != "rules":
                default = fields[option.name]
                assert checked(option, list(default) if isinstance(default, tuple) else default) == default


def test_the_number_of_lines_is_told(tmp_path: Path) -> None:
    """A value's line is found below its table's header and with dots; None where it is not plain to see."""
    text = "# a = 1\na.b = 1\n[c]\n# d = 0\n'd' = 2\n[c.e]\nf=3\n[g.\"h.i\"]\n[[j]]\n"
    told = {
        ("a", "b"): 2,
        ("c",): 3,
        ("c", "d"): 5,
        ("c", "e"): 6,
        ("c", "e", "f"): 7,
        ("j",): 9,
        ("a", "c"): None,
    }
    found = files.lines(text)
    assert {path: found.get(path) for path in told} == told


def test_show_can_be_loaded_again(tmp_path: Path) -> None:
    """What --show prints is a configuration file with the same meaning."""
    sets = ["strict=true", "timeout_s=2.5", 'timezone.expected="a\\"b\\\\c\\u001bd"', "timezone.copy=ignore"]
    found = settings(sets=sets)
    shown = tmp_path / "shown.toml"
    shown.write_text(show(found))
    again = load(config=str(shown), environ={}, system_file=NOWHERE)
    assert again[:3] == found[:3]
    assert [again.check(name) for name in NAMES] == [found.check(name) for name in NAMES]
    assert again.agent == found.agent
    assert 'expected = "a\\"b\\\\c\\u001bd"  # --set\n' in show(found)


def test_show_says_which_source_won(tmp_path: Path, run_probe: RunProbe) -> None:
    """Each key carries its source, the flags of the command too."""
    config = tmp_path / "p.toml"
    config.write_text("timeout_s = 1\nstrict = true\n")
    done = run_probe("config", "--show", "--config", str(config), "--timeout", "2", "--only", "timezone")
    assert done.code == 0
    assert done.out.startswith(
        f'timeout_s = 2.0  # --timeout\nstrict = true  # {config}:2\nchecks = ["timezone"]  # --only\n'
    )
    assert 'missing = "warn"  # default\n' in done.out


def test_show_hides_credentials() -> None:
    """A URL with a password is shown without it."""
    shown = show(settings(sets=["timezone.expected=https://user:hunter2@proxy.example"]))
    assert "hunter2" not in shown
    assert "***@proxy.example" in shown


def test_the_schema_holds_the_defaults(tmp_path: Path) -> None:
    """The defaults validate, and what the loader refuses the schema refuses too."""
    validator = jsonschema().Draft7Validator(config_schema())
    validator.check_schema(config_schema())
    validator.validate(tomllib.loads(show(settings())))
    beyond = ("not_a_number", "nul", "malformed_pattern", "variable_misspelt")  # what a schema cannot say
    for file in sorted(Path(__file__).parent.glob("invalid/*.toml")):
        try:
            document = tomllib.loads(file.read_text())
        except (ValueError, RecursionError):
            continue
        if file.stem not in beyond and not file.stem.startswith("agent_"):
            assert not validator.is_valid(document), file


def test_the_schema_names_every_key(run_probe: RunProbe) -> None:
    """Each key with its text and its default, as the command prints it."""
    done = run_probe("config", "--schema")
    schema = json.loads(done.out)
    assert done.code == 0
    assert schema == config_schema() == json.loads(run_probe("config", "--schema", "config").out)
    assert set(schema["properties"]) == {*TOP, *TABLES}
    assert schema["properties"]["timeout_s"]["default"] == DEFAULTS["timeout_s"]


@pytest.mark.needs("mounts")
def test_the_systems_file_is_heeded(tmp_path: Path) -> None:
    """/etc/probe.toml needs no option; seen in a mount namespace whose /etc is ours."""
    (tmp_path / "probe.toml").write_text("strict = true\n")
    python = f"cd {Path.cwd()} && exec {sys.executable} -m probe config --show"
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", f"mount --bind {tmp_path} /etc && {python}"],
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "strict = true  # /etc/probe.toml:1\n" in done.stdout, done.stderr


@pytest.mark.root
def test_a_system_file_that_cannot_be_seen_is_not_none(tmp_path: Path) -> None:
    """A closed /etc, or a link to nowhere: what is set there is not known, and that is said."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    (closed / "probe.toml").write_text("strict = true\n")
    pid = os.fork()
    if not pid:
        os.setgroups([])
        os.setresuid(65532, 65532, 65532)
        try:
            load(environ={}, system_file=str(closed / "probe.toml"))
        except ConfigError as problem:
            os._exit("permission denied" not in str(problem))
        os._exit(2)
    assert os.waitpid(pid, 0)[1] == 0
    (tmp_path / "loop").symlink_to("loop")
    for name in ("loop/probe.toml", "loop"):
        with pytest.raises(ConfigError, match="symbolic links"):
            load(environ={}, system_file=str(tmp_path / name))
    (tmp_path / "file").write_text("")
    load(environ={}, system_file=str(tmp_path / "file" / "probe.toml"))  # nothing can be there
