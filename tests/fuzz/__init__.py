"""Mutated input, held against real Go and against our own promises. README: tests/fuzz/README.md."""
