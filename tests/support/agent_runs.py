"""What an agent's runs came to, and the child that makes one."""

import json
import os
from pathlib import Path

from tests.support.agents import Agent, wait_for


def child_of(agent: Agent) -> int:
    """The run that is under way."""

    def find() -> int:
        pid = agent.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        try:  # one that leads its session is also bound to end with the agent
            return int(children[0]) if children and os.getsid(int(children[0])) == int(children[0]) else 0
        except ProcessLookupError:
            return 0

    return int(wait_for(find))


def codes_in(agent: Agent, path: str = "/readyz") -> list[str]:
    told = json.loads(agent.get(path, Accept="application/json").text)
    return [finding["code"] for check in told["checks"] for finding in check["findings"]]


def results(agent: Agent) -> dict[str, int]:
    """How many runs came out how."""
    found = {"healthy": 0, "unhealthy": 0}
    for line in agent.get("/metrics").text.splitlines():
        for word in found:
            if line.startswith("probe_runs_total") and f'result="{word}"' in line:
                found[word] += int(line.split()[-1])
    return found
