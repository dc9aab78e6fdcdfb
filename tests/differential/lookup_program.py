"""A program that looks names up, and prints as JSON which have an address."""

SOURCE = """package main

import (
	"context"
	"encoding/json"
	"net"
	"os"
	"time"
)

func main() {
	found := make([]bool, len(os.Args)-1)
	for i, name := range os.Args[1:] {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		addresses, err := net.DefaultResolver.LookupIPAddr(ctx, name)
		cancel()
		found[i] = err == nil && len(addresses) > 0
	}
	json.NewEncoder(os.Stdout).Encode(found)
}
"""
