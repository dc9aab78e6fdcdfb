// service stands for any service: it calls another one over TLS and cares for the time of day.
package main

import (
	"crypto/tls"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	upstream := os.Getenv("UPSTREAM")
	connection, err := tls.Dial("tcp", upstream, nil)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	connection.Close()
	fmt.Println("connected to", upstream, "at", time.Now().Format("15:04 -07:00"))

	ended := make(chan os.Signal, 1)
	signal.Notify(ended, syscall.SIGTERM)
	<-ended
}
