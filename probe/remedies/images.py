"""Images that bring what is missing, by the tags of today."""

from probe.golang.release import NEWEST

GOLANG = f"golang:1.{NEWEST.minor}"  # a tag that moves with the patches of its line, never to another line
