"""Real containers of a real Docker Engine."""
