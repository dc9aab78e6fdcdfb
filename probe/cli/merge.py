"""`probe merge`: the reports of many runs, nodes or shards as one table."""

from __future__ import annotations

from probe.cli.arguments import Command, Flag, Operand, ParsedArgs, choose
from probe.cli.exit import CommandResult
from probe.errors import HEALTHY, UNHEALTHY

FORMATS = ("table", "json")
COMMAND = Command(
    "merge",
    "Joins what `probe node` and `probe check` have written with --format json, any\n"
    "number of reports in a file, into one table: a row for each distinct verdict,\n"
    "the worst first. Exit 0 when all are healthy, else 1; 78: no report.",
    (Flag("--format", "how to print it; table is the default", "NAME", choices=FORMATS),),
    (Operand("FILE...", "reports as JSON, one after another; - is stdin", many=True),),
    ("probe merge shard-*.jsonl", "probe merge --format json node-*.json > all.json"),
)


def run(given: ParsedArgs) -> CommandResult:
    """All of them; unhealthy where any is, or where there is none."""
    import time

    from probe.cli.arguments import wrong
    from probe.node import document, merge, table
    from probe.output.base import printable

    name = choose(COMMAND, "--format", given.one("--format") or "table", FORMATS)
    if not given.operands:
        wrong(COMMAND, "FILE is missing")
    found = merge.snapshot(given.operands, time.time())
    good = all(one.verdict and one.verdict.report["healthy"] for one in found.judged) and found.judged
    noun = "Go program" if found.scanned else "target"
    text = table.render(found, noun) if name == "table" else document.render(found)
    if not found.judged and name == "table":
        text += f"no report in {', '.join(map(printable, given.operands[:3]))}: nothing was checked\n"
    return CommandResult(HEALTHY if good else UNHEALTHY, text)
