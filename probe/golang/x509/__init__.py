"""Certificates, roots and chains as crypto/x509 reads and judges them."""
