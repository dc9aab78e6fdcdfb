"""All that a finding advises, as one text."""

from probe.report import Finding


def fixes(finding: Finding) -> str:
    """The ways to put it right, the best first, a blank line between two."""
    return "\n\n".join(way.text for way in finding.remedies)
