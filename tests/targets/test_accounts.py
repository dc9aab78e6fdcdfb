"""Who a name or number is inside a target: the cases of `docker run --user`."""

import pytest

from probe import codes, target_codes
from probe.report import Status
from probe.targets import User, at_root, passwd
from probe.targets.errors import TargetUnavailable
from tests.support.commands import MakeTarget

PASSWD = """
root:x:0:0:root:/root:/bin/sh
app:x:1000:1001:App:/home/app:/bin/sh
1234:x:7:8::/:
app:x:5:5:second of the name:/:
odd:x:uid:gid
short
"""
GROUP = """
# comment:x:99:app
root:x:0:root
staff:x:50:app,other
wheel:x:10:other,app
app:x:1001:
twins:x:61:
twins:x:62:
"""


@pytest.mark.parametrize(
    ("spec", "user"),
    [
        ("", User(0, 0, (0,), override=True)),
        ("root", User(0, 0, (0,), override=True)),
        ("0", User(0, 0, (0,), override=True)),
        ("app", User(1000, 1001, (50, 10))),
        ("1000", User(1000, 1001, (50, 10))),
        ("app:staff", User(1000, 50)),
        ("app:4242", User(1000, 4242)),
        ("app:", User(1000, 1001, (50, 10))),
        ("65532", User(65532, 0)),
        ("65532:65532", User(65532, 65532)),
        ("65532:staff", User(65532, 50)),
        ("1234", User(1234, 0)),  # a number is never a name
        (":staff", User(0, 50, override=True)),
        ("odd", User(0, 0, override=True)),  # what is not a number is read as 0
        ("app:twins", User(1000, 61)),
        ("2147483647", User(2147483647, 0)),
    ],
)
def test_user_is_the_one_that_an_engine_would_take(make_target: MakeTarget, spec: str, user: User) -> None:
    """Names are looked up in the target, numbers need no entry, groups come along only unasked."""
    target = make_target({"/etc/passwd": PASSWD, "/etc/group": GROUP})
    assert passwd.find(spec, target.files) == user


@pytest.mark.parametrize(
    "spec", ["nobody", "app:nogroup", "nobody:0", "4294967295", "-1", "1:2147483648", "9" * 50]
)
def test_user_that_is_not_there(make_target: MakeTarget, spec: str) -> None:
    """An engine would not start the container: that is the container's failure."""
    target = make_target({"/etc/passwd": PASSWD, "/etc/group": GROUP})
    with pytest.raises(TargetUnavailable) as caught:
        passwd.find(spec, target.files)
    assert target_codes.finding(caught.value).code is codes.TARGET_USER_UNKNOWN
    assert target_codes.finding(caught.value).status is Status.FAIL


def test_scratch_has_numbers_only(make_target: MakeTarget) -> None:
    """Without /etc/passwd a number is itself, a name is nobody."""
    files = make_target().files
    assert passwd.find("1000", files) == User(1000, 0)
    assert passwd.find("", files) == User(0, 0, override=True)
    with pytest.raises(TargetUnavailable, match="no matching entries in passwd file"):
        passwd.find("app", files)


def test_user_of_a_root_is_looked_up_in_it(make_target: MakeTarget) -> None:
    """--root DIR --user NAME; a root that is not there is refused by name."""
    target = make_target({"/etc/passwd": PASSWD})
    assert at_root(target.name, {}, user="app").user.uid == 1000
    with pytest.raises(TargetUnavailable) as caught:
        at_root(f"{target.name}/none", {})
    assert target_codes.finding(caught.value).code is codes.TARGET_NOT_FOUND
