"""All cases that are tried in a container."""

from tests.remedies import network_cases, owner_cases, run_cases
from tests.remedies.case import Case


def all_of_them() -> list[Case]:
    return [*network_cases.all_of_them(), *run_cases.all_of_them(), *owner_cases.all_of_them()]
