"""`probe config`: validate the configuration, show what holds, or describe what may be written."""

from probe.cli import settings
from probe.cli.arguments import Command, Flag, Operand, ParsedArgs, wrong
from probe.cli.exit import CommandResult

COMMAND = Command(
    "config",
    "Prints or checks the settings. Sources, later wins: defaults, /etc/probe.toml,\n"
    "--config, variables (PROBE_TIMEOUT_S, PROBE_CA_BUNDLE__ENDPOINTS), --set, other\n"
    "options. The value of a variable or of --set is TOML or a plain text.",
    (
        Flag("--check", "validate all sources: exit 0, or 78 and one line that says what is wrong"),
        Flag("--show", "print the settings in effect as TOML, each with where it came from"),
        Flag(
            "--schema",
            "print the JSON Schema of the configuration; with the word report or lint, of what\n"
            "check or manifest --lint print as JSON",
        ),
        *settings.FLAGS,
    ),
    (Operand("[report|lint]", "after --schema: of what is printed instead of the configuration"),),
    (
        "probe config --check --config policy.toml",
        "PROBE_STRICT=true probe config --show",
        "probe config --schema report > report.schema.json",
    ),
)
_MODES = ("--check", "--show", "--schema")


def run(given: ParsedArgs) -> CommandResult:
    """Exactly one of the three."""
    modes = [mode for mode in _MODES if given.on(mode)]
    if len(modes) != 1:
        wrong(COMMAND, f"choose one of {', '.join(_MODES)}")
    if modes[0] == "--schema":
        return _schema(given)
    if given.operands:
        wrong(COMMAND, f"unexpected argument {given.operands[0]}")
    effective = settings.effective(COMMAND, given)
    if modes[0] == "--check":
        return CommandResult(0, "the configuration is valid\n")
    from probe.config.show import show

    return CommandResult(0, show(effective))


def _schema(given: ParsedArgs) -> CommandResult:
    import json

    what = given.operand(0) or "config"
    if what == "report":
        from probe.output.schema import report_schema

        return CommandResult(0, json.dumps(report_schema(), indent=2) + "\n")
    if what == "lint":
        from probe.manifest.reports import schema

        return CommandResult(0, json.dumps(schema(), indent=2) + "\n")
    if what != "config":
        wrong(COMMAND, f"--schema {what}: choose from config, report, lint")
    from probe.config.json_schema import config_schema

    return CommandResult(0, json.dumps(config_schema(), indent=2) + "\n")
