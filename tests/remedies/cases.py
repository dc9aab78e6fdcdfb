"""All cases that are tried in a container."""

from tests.remedies import command_cases, download_cases, network_cases, owner_cases, run_cases
from tests.remedies.case import Case


def all_of_them() -> list[Case]:
    modules = (network_cases, download_cases, run_cases, owner_cases, command_cases)
    return [case for module in modules for case in module.all_of_them()]
