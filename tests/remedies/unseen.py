"""Codes whose remedies tests/containers/test_beside.py carries out, with a second container."""

NOT_FOUND, PERMISSION = "TARGET_NOT_FOUND", "TARGET_PERMISSION"
CODES = (NOT_FOUND, PERMISSION)
