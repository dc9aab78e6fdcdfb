"""What crypto/tls offers, what it takes from a server, and how it names what went wrong."""
