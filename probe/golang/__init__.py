"""What Go does in a container, each rule with its place in Go's own tree."""
