"""One file by its URL, the way cmd/go/internal/web gets it."""
