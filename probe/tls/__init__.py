"""From an endpoint to what its TLS handshake brought, or why there was none."""
