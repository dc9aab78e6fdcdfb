"""Every bad configuration ends with exit code 78 and one line: where, what, and what to do."""

import os
from pathlib import Path

import pytest

from probe.checks import NAMES
from probe.config.load import load
from probe.errors import ConfigError
from tests.support.commands import RunProbe

FILES = sorted(Path(__file__).parent.glob("invalid/*.toml"))
NOWHERE = "/no/such/probe.toml"


def refused(file: Path) -> str:
    with pytest.raises(ConfigError) as problem:
        load(config=str(file), environ={}, system_file=NOWHERE)
    return str(problem.value)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_bad_file_gets_its_exact_message(file: Path) -> None:
    """The text beside the file, with FILE and CHECKS for their names; always a single line."""
    message = refused(file)
    wanted = file.with_suffix(".txt").read_text().rstrip("\n")
    assert message == wanted.replace("FILE", str(file)).replace("CHECKS", ", ".join(NAMES))
    assert message.isprintable()


def test_the_command_says_it_and_exits_78(run_probe: RunProbe) -> None:
    """Whichever command reads the configuration, its line is all that appears."""
    file = FILES[0].parent / "unknown_key_near.toml"
    for command in (["check"], ["config", "--check"], ["config", "--show"]):
        done = run_probe(*command, "--config", str(file))
        assert (done.code, done.out) == (78, "")
        assert done.err == f"probe: {file}:1: timeout: no such key; did you mean timeout_s?\n"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'strict = true\nexpected = "caf\xe9"\n', "FILE:2: is not UTF-8; save it as UTF-8"),
        (
            b"\xef\xbb\xbfstrict = true\n",
            "FILE:1: begins with a byte order mark; save it as UTF-8 without one",
        ),
        ("strict = true\n".encode("utf-16"), "FILE:1: is not UTF-8; save it as UTF-8"),
        (b"#" * (1 << 18) + b"\n", "FILE: holds more than 256 KiB; that is not a configuration of probe"),
        (b"strict = true\x1b[2J\n", "FILE:1: is not TOML: "),
    ],
    ids=["latin-1", "byte order mark", "UTF-16", "too large", "escape sequence"],
)
def test_what_is_no_text_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    """Encodings that are not UTF-8, and files that nobody wrote by hand."""
    file = tmp_path / "probe.toml"
    file.write_bytes(content)
    assert refused(file).startswith(message.replace("FILE", str(file)))


def test_a_text_of_the_greatest_size_is_read(tmp_path: Path) -> None:
    """The bound itself is allowed."""
    file = tmp_path / "probe.toml"
    file.write_bytes(b"strict = true\n" + b"#" * ((1 << 18) - 14))
    assert load(config=str(file), environ={}, system_file=NOWHERE).strict


def test_what_is_no_file_is_refused_at_once(tmp_path: Path) -> None:
    """A directory, a FIFO that nobody writes to, an endless device, nothing at all, a link to nothing."""
    fifo, link = tmp_path / "fifo", tmp_path / "link"
    os.mkfifo(fifo)
    link.symlink_to("gone")
    assert refused(tmp_path) == f"{tmp_path}: is a directory; name a TOML file"
    assert refused(fifo) == f"{fifo}: is not a regular file; name a TOML file"
    assert refused(Path("/dev/zero")) == "/dev/zero: is not a regular file; name a TOML file"
    for missing in (tmp_path / "missing", link):
        assert refused(missing) == f"{missing}: no such file or directory; name a file that can be read"


def test_an_unreadable_file_is_refused(tmp_path: Path) -> None:
    """A policy that cannot be read must not be taken for none."""
    file = tmp_path / "probe.toml"
    file.write_text("")
    file.chmod(0)
    ourselves = os.geteuid()
    os.seteuid(ourselves or 65534)
    try:
        assert refused(file) == f"{file}: permission denied; name a file that can be read"
    finally:
        os.seteuid(ourselves)


def test_a_system_file_that_leads_nowhere_is_refused(tmp_path: Path) -> None:
    """A dangling /etc/probe.toml is a policy that did not arrive; a missing one is none."""
    link = tmp_path / "probe.toml"
    assert load(environ={}, system_file=str(link)).timeout_s == 5.0
    link.symlink_to("..data/probe.toml")
    with pytest.raises(ConfigError, match="no such file or directory"):
        load(environ={}, system_file=str(link))


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("PROBE_STRICT", "yes", 'strict: must be true or false, not "yes"'),
        ("PROBE_STRICT", "1", "strict: must be true or false, not 1"),
        ("PROBE_TIMEOUT_S", "5s", 'timeout_s: must be a number from 0.1 to 3600, not "5s"'),
        ("PROBE_TIMEOUT_S", "inf", "timeout_s: must be a number from 0.1 to 3600, not inf"),
        ("PROBE_CHECKS", "[]", "checks: must not be empty; choose from "),
        ("PROBE_CHECKS", "[timezone]", 'checks: is not TOML: "[timezone]"'),
        ("PROBE_CHECKS", '["timezone"]\nstrict = true', "checks: is more than one value: "),
        ("PROBE_TIMEZONE__EXPECT", "UTC", "timezone.expect: no such key; did you mean expected?"),
        ("PROBE_TIME_ZONE__EXPECTED", "UTC", "time-zone.expected: no such table; did you mean timezone?"),
    ],
)
def test_a_bad_variable_is_named(name: str, text: str, message: str) -> None:
    """The variable's name stands where a file's would."""
    with pytest.raises(ConfigError) as problem:
        load(environ={name: text}, system_file=NOWHERE)
    assert str(problem.value).startswith(f"{name}: {message}")


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("strict", "--set strict: write KEY=VALUE, such as timezone.expected=Europe/Berlin"),
        ("=1", "--set =1: write KEY=VALUE, such as timezone.expected=Europe/Berlin"),
        ("timezone.wanted=UTC", "--set: timezone.wanted: no such key; there are expected, copy, missing"),
        ("timezone=UTC", "--set: timezone: is a table; name a key in it"),
        ("timezone.copy.more=1", "--set: timezone.copy.more: no such key; timezone.copy is not a table"),
        ("network.port=1", "--set: network.port: no such table; there are "),
    ],
)
def test_a_bad_setting_is_named(setting: str, message: str) -> None:
    """What follows --set is held to the same rules."""
    with pytest.raises(ConfigError) as problem:
        load(environ={}, sets=[setting], system_file=NOWHERE)
    assert str(problem.value).startswith(message)


def test_messages_steer_no_terminal(tmp_path: Path, run_probe: RunProbe) -> None:
    """Escape sequences in a key, a value or a file's name arrive written out."""
    file = tmp_path / "a\x1b[2Jb.toml"
    file.write_text('"\\u001b[31mkey" = 1\n')
    done = run_probe("check", "--config", str(file))
    assert done.code == 78
    assert done.err.count("\n") == 1
    assert done.err.rstrip("\n").isprintable()
    assert "\\x1b[31mkey" in done.err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('a = 1\n[timezone]\nexpected = "Asia\n', "3: is not TOML: a quote is not closed in this line"),
        (
            "[timezone]\nexpected = Asia/Shanghai\n",
            "2: is not TOML: a value is missing or malformed; write text",
        ),
        ("strict = True\n", "1: is not TOML: a value is missing or malformed; "),
        ("strict = true\nstrict = false\nlive_checks = []\n", "2: is not TOML: a key is defined twice"),
        ("[go-env.GOOS]\n[go-env.GOOS]\n", "2: is not TOML: the table [go-env.GOOS] is defined twice"),
        ('["it\'s"]\n["it\'s"]\n', "2: is not TOML: the table [it's] is defined twice"),
    ],
)
def test_common_mistakes_of_toml_are_told_in_words(text: str, said: str, tmp_path: Path) -> None:
    """What to write, in place of what the parser found."""
    path = tmp_path / "probe.toml"
    path.write_text(text)
    assert refused(path).startswith(f"{path}:{said}")
