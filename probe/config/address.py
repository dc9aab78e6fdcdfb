"""Where somebody listens: ADDRESS:PORT. On the way of `probe run`, so it imports nothing."""


def address(text: str) -> tuple[str, int]:
    """The address and port of `127.0.0.1:9810`, `[::]:9810`, `localhost:9810`; ValueError: what to write."""
    host, colon, port = text.rpartition(":")
    if not colon or not port.isascii() or not port.isdecimal() or int(port[:6]) > 65535:
        raise ValueError('must end with a port, such as "127.0.0.1:9810" or "[::]:9810"')
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        raise ValueError('write an IPv6 address in brackets, such as "[::]:9810"')
    if not host or any(char.isspace() or char in "[]/@" for char in host):
        raise ValueError('must begin with an address, such as "127.0.0.1:9810"; "[::]:9810" is all addresses')
    return host, int(port)
