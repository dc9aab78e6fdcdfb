"""The formats of a report: each a pure function from the report to its text."""

from probe.report import Report

# name → module; only the one that is asked for is imported
FORMATS = {
    "text": "text",
    "json": "json",
    "health+json": "health_json",
    "junit": "junit",
    "tap": "tap",
    "nagios": "nagios",
    "prometheus": "prometheus",
    "sarif": "sarif",
    "github": "github",
    "gitlab": "gitlab",
}


def render(name: str, report: Report) -> str:
    """The whole report in the format *name*, a key of FORMATS; it ends with a newline."""
    module = __import__(f"probe.output.{FORMATS[name]}", fromlist=["render"])
    text: str = module.render(report)
    return text
