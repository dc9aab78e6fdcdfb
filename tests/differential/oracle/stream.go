package main

import (
	"bufio"
	"crypto/x509"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"
)

// stream answers requests until its input ends, thousands a second, one line of JSON each.
//
// A request is one octet for the question, one for the number of fields, and each field
// with its length in four octets, big-endian. Answers leave when no request is waiting.
func stream() {
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriterSize(os.Stdout, 1<<20)
	encoder := json.NewEncoder(out)
	for {
		question, fields, err := readRequest(in)
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			fail(err)
		}
		if err := encoder.Encode(answer(question, fields)); err != nil {
			fail(err)
		}
		if in.Buffered() == 0 {
			if err := out.Flush(); err != nil {
				fail(err)
			}
		}
	}
}

func readRequest(in *bufio.Reader) (byte, [][]byte, error) {
	var head [2]byte
	if _, err := io.ReadFull(in, head[:]); err != nil {
		return 0, nil, err
	}
	fields := make([][]byte, head[1])
	for i := range fields {
		var length [4]byte
		if _, err := io.ReadFull(in, length[:]); err != nil {
			return 0, nil, fmt.Errorf("a field is cut: %w", err)
		}
		fields[i] = make([]byte, binary.BigEndian.Uint32(length[:]))
		if _, err := io.ReadFull(in, fields[i]); err != nil {
			return 0, nil, fmt.Errorf("a field is cut: %w", err)
		}
	}
	return head[0], fields, nil
}

// answer: c DER → as the question "cert"; p bytes → as "pem";
// v host, seconds, number of certificates, the chain, the roots → {ok, error, chains}.
// A panic is an answer too.
func answer(question byte, fields [][]byte) (given any) {
	defer func() {
		if trouble := recover(); trouble != nil {
			given = object{"ok": false, "error": fmt.Sprint("panic: ", trouble)}
		}
	}()
	switch question {
	case 'c':
		return describe(fields[0])
	case 'p':
		return blocksOf(fields[0])
	case 'v':
		return verified(fields)
	}
	fail(fmt.Errorf("no such question: %q", question))
	return nil
}

func verified(fields [][]byte) any {
	seconds, err := strconv.ParseInt(string(fields[1]), 10, 64)
	if err != nil {
		fail(err)
	}
	count, err := strconv.Atoi(string(fields[2]))
	if err != nil {
		fail(err)
	}
	options := x509.VerifyOptions{
		DNSName:       string(fields[0]),
		CurrentTime:   time.Unix(seconds, 0),
		Intermediates: x509.NewCertPool(),
		Roots:         x509.NewCertPool(),
	}
	var leaf *x509.Certificate
	for i, der := range fields[3:] {
		cert, err := x509.ParseCertificate(der)
		switch {
		case i >= count && err == nil:
			options.Roots.AddCert(cert)
		case i >= count: // AppendCertsFromPEM passes over what does not parse
		case err != nil:
			return object{"ok": false, "error": "tls: failed to parse certificate from server: " + err.Error(), "chains": [][]string{}}
		case i == 0:
			leaf = cert
		default:
			options.Intermediates.AddCert(cert)
		}
	}
	found, err := leaf.Verify(options)
	chains := [][]string{}
	for _, chain := range found {
		chains = append(chains, digests(chain))
	}
	return object{"ok": err == nil, "error": text(err), "chains": chains}
}
