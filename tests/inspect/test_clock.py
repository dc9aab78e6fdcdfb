"""`probe inspect clock`: moments side by side, unjudged."""

import time

from probe.facts import Facts
from probe.golang import release_dates
from probe.golang.release import NEWEST
from probe.inspect.clock import inspect
from tests.support.commands import MakeTarget
from tests.support.pki import pems, root

BUNDLE = "/etc/ssl/certs/ca-certificates.crt"
YEAR_2020 = 1_577_836_800


def test_all_of_it(make_target: MakeTarget) -> None:
    """What is asked about is the moment given; the newest root decides, wherever it stands."""
    roots = [root("Younger", not_before=YEAR_2020 + 86400), root("Older", not_before=YEAR_2020)]
    found = inspect(Facts(make_target({BUNDLE: pems(roots)}), go=NEWEST), YEAR_2020)
    assert found["now"] == "2020-01-01T00:00:00Z"
    assert found["newest_root"] == {"subject": "CN=Younger", "not_before": "2020-01-02T00:00:00Z"}
    (built,) = found["built"]
    assert built["at"] == f"{release_dates.RELEASED[release_dates.NEWEST_KNOWN]}T00:00:00Z"
    assert found["why_not"] is None
    assert set(found["kernel"]) == {
        "synchronised",
        "offset_s",
        "estimated_error_s",
        "max_error_s",
        "state",
    }


def test_nothing_there(make_target: MakeTarget) -> None:
    """Without a root there is no newest one."""
    assert inspect(Facts(make_target(), go=NEWEST), time.time())["newest_root"] is None
