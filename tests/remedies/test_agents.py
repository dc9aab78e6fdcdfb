"""What an agent, or who asks it, prints of its own state is typed beside it, and it is asked again."""

import json
import re
import urllib.request

import pytest

from tests.remedies import agent_cases
from tests.remedies.agent_cases import DETAILS, LOG, AgentCase, healthy, serving, status
from tests.remedies.container import Container, container
from tests.remedies.explained import texts
from tests.support.agents import wait_for

pytestmark = [pytest.mark.root, pytest.mark.timeout(100)]
CASES = agent_cases.all_of_them()


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(one, id=one.code, marks=pytest.mark.sweep if number else ())
        for number, one in enumerate(CASES)
    ],
)
def test_the_line_helps(case: AgentCase) -> None:
    """It runs where the agent runs and shows what it is for; what it shows is done, and all is well."""
    with container() as here:
        pid = case.arrange(here)
        told = wait_for(lambda: case.code in (said := status(here)) and said)
        fix = re.search(r"^ *fix: (.*)$", told, re.M)
        line = fix[1] if fix else texts(case.code)[0].strip().splitlines()[0]
        said = here.sh(line)
        print(f"\n{case.code}: {line}\n{said.out[:300]}{said.err}")
        assert said.code not in (64, 126, 127), said
        assert case.shows in said.out + said.err, said
        case.then(here, pid)
        wait_for(lambda: healthy(here))


def test_who_may_see_the_details_sees_them() -> None:
    """By the command in the container; over the network, by an agent that is started as explain shows."""
    own, shown = texts(DETAILS)[0].strip().splitlines()[::2]
    with container() as here:
        here.env["TZ"] = "No/Where"
        serving(here)
        wait_for((here.root / LOG[1:]).exists)
        assert DETAILS in wait_for(lambda: "timezone" in (got := _asked(here)) and got)
        assert "TIMEZONE_NAME_UNKNOWN" in here.sh(own.partition("#")[0]).out
        here.env["PROBE_AGENT__SOCKET"] = ""
        serving(here, command=shown.partition("probe ")[2].replace("0.0.0.0:9810", "127.0.0.1:0"))
        wait_for(lambda: "TIMEZONE_NAME_UNKNOWN" in _asked(here))


def _asked(here: Container) -> str:
    """What a client of the port gets from the agent that was started last."""
    lines = [json.loads(line) for line in here.read(LOG).splitlines()]
    address = next((line["address"] for line in lines if line["event"] == "listening"), "")
    if not address:
        return ""
    asked = urllib.request.Request(f"http://{address}/readyz", headers={"Accept": "application/json"})
    opener = urllib.request.build_opener(_Anything)
    with opener.open(asked, timeout=5) as got:
        return str(got.read().decode())


class _Anything(urllib.request.HTTPErrorProcessor):
    """503 is an answer."""

    def http_response(self, request: object, response: object) -> object:
        return response
