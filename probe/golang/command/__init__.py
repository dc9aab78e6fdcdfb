"""The go command: where it is, its environment, and whom it would call."""
