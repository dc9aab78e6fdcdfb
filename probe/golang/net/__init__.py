"""Addresses, URLs and proxies as net, net/netip, net/url and net/http take them."""
