// The oracle answers what Go itself sees, for the tests to compare with what
// probe says that Go sees.
//
//	oracle [-root DIR] [-cwd DIR] [-uid N] QUESTION <requests.json >answers.json
//	oracle stream <requests >answers
//
// Requests are a JSON list and so are the answers, one for one. With -root the
// program enters that root (and then the directory, and becomes the user) before
// it looks at anything. It builds with every Go from 1.21 to 1.27.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"syscall"
)

// A question takes one request and gives one answer; both are JSON.
var questions = map[string]func(json.RawMessage) any{
	"buildinfo": buildInfo,
	"cert":      certificate,
	"handshake": handshake,
	"pem":       pemBlocks,
	"proxy":     proxy,
	"roots":     roots,
	"timezone":  timezone,
	"tzdata":    tzData,
	"verify":    verify,
	"version":   version,
}

func main() {
	root := flag.String("root", "", "enter this root first")
	cwd := flag.String("cwd", "", "then go to this directory")
	uid := flag.Int("uid", -1, "then become this user and group, without others")
	flag.Parse()
	if flag.Arg(0) == "stream" {
		stream()
		return
	}
	question, known := questions[flag.Arg(0)]
	if !known {
		fail(fmt.Errorf("no such question: %q", flag.Arg(0)))
	}
	var requests []json.RawMessage
	if err := json.NewDecoder(os.Stdin).Decode(&requests); err != nil {
		fail(err)
	}
	if err := enter(*root, *cwd, *uid); err != nil {
		fail(err)
	}
	answers := make([]any, len(requests))
	for i, request := range requests {
		answers[i] = question(request)
	}
	if err := json.NewEncoder(os.Stdout).Encode(answers); err != nil {
		fail(err)
	}
}

func enter(root, cwd string, uid int) error {
	if root != "" {
		if err := syscall.Chroot(root); err != nil {
			return fmt.Errorf("chroot: %w", err)
		}
		if err := syscall.Chdir("/"); err != nil {
			return err
		}
	}
	if uid >= 0 {
		if err := syscall.Setgroups(nil); err != nil {
			return fmt.Errorf("setgroups: %w", err)
		}
		if err := syscall.Setgid(uid); err != nil {
			return fmt.Errorf("setgid: %w", err)
		}
		if err := syscall.Setuid(uid); err != nil {
			return fmt.Errorf("setuid: %w", err)
		}
	}
	if cwd != "" {
		return syscall.Chdir(cwd)
	}
	return nil
}

// decode fills *request*; a request that is not understood is a fault of the test.
func decode(raw json.RawMessage, request any) {
	if err := json.Unmarshal(raw, request); err != nil {
		fail(err)
	}
}

// text gives an error's words, null for none.
func text(err error) any {
	if err == nil {
		return nil
	}
	return err.Error()
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "oracle:", err)
	os.Exit(70)
}
