"""Bytes to values. The parsers are total: bad input is a value, never a crash."""
