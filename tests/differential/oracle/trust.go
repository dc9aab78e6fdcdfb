package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/asn1"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"reflect"
	"time"
	"unsafe"
)

type object = map[string]any

func digest(der []byte) string {
	sum := sha256.Sum256(der)
	return hex.EncodeToString(sum[:])
}

func digests(certs []*x509.Certificate) []string {
	list := []string{}
	for _, cert := range certs {
		list = append(list, digest(cert.Raw))
	}
	return list
}

// contents lists a pool in its own order. A pool tells subjects only, and the
// system's own not even those, hence the look inside.
func contents(pool *x509.CertPool) []*x509.Certificate {
	var certs []*x509.Certificate
	entries := reflect.ValueOf(pool).Elem().FieldByName("lazyCerts")
	for i := 0; i < entries.Len(); i++ {
		hidden := entries.Index(i).FieldByName("getCert")
		get := reflect.NewAt(hidden.Type(), unsafe.Pointer(hidden.UnsafeAddr())).Elem()
		certs = append(certs, get.Call(nil)[0].Interface().(*x509.Certificate))
	}
	return certs
}

// roots: {fallback?: PEM} → {roots: [sha256], error, verify_error}. The fallback is
// what a program that calls x509.SetFallbackRoots has; verify_error is what the first
// Verify without roots of its own says about a certificate of nobody.
func roots(raw json.RawMessage) any {
	var request struct{ Fallback string }
	decode(raw, &request)
	if request.Fallback != "" {
		x509.SetFallbackRoots(poolOf(request.Fallback))
	}
	pool, err := x509.SystemCertPool()
	list := []string{}
	if err == nil {
		list = digests(contents(pool))
	}
	_, verifyErr := nobody().Verify(x509.VerifyOptions{})
	return object{"roots": list, "error": text(err), "verify_error": text(verifyErr)}
}

func nobody() *x509.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		fail(err)
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		NotBefore:    now.Add(-time.Hour),
		NotAfter:     now.Add(time.Hour),
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames:     []string{"nobody.test"},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		fail(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		fail(err)
	}
	return cert
}

func poolOf(text string) *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM([]byte(text))
	return pool
}

// pem: {data: base64} → {roots: [sha256] of what a pool takes from the bytes,
// blocks: [{type, headers, sha256, error}] of every block that is found}.
func pemBlocks(raw json.RawMessage) any {
	var request struct{ Data []byte }
	decode(raw, &request)
	return blocksOf(request.Data)
}

func blocksOf(data []byte) any {
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(data)
	blocks := []object{}
	for rest := data; len(rest) > 0; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		_, err := x509.ParseCertificate(block.Bytes)
		blocks = append(blocks, object{
			"type": block.Type, "headers": len(block.Headers), "sha256": digest(block.Bytes), "error": text(err),
		})
	}
	return object{"roots": digests(contents(pool)), "blocks": blocks}
}

// cert: {der: base64} → {ok, error} and, when it parses, what it says.
func certificate(raw json.RawMessage) any {
	var request struct{ DER []byte }
	decode(raw, &request)
	return describe(request.DER)
}

func describe(der []byte) any {
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return object{"ok": false, "error": err.Error()}
	}
	ips := []string{}
	for _, ip := range cert.IPAddresses {
		ips = append(ips, ip.String())
	}
	return object{
		"ok":                  true,
		"error":               nil,
		"sha256":              digest(cert.Raw),
		"version":             cert.Version,
		"serial":              cert.SerialNumber.String(),
		"subject":             cert.Subject.String(),
		"issuer":              cert.Issuer.String(),
		"common_name":         cert.Subject.CommonName,
		"not_before":          cert.NotBefore.UTC().Format(time.RFC3339),
		"not_after":           cert.NotAfter.UTC().Format(time.RFC3339),
		"key_algorithm":       cert.PublicKeyAlgorithm.String(),
		"signature_algorithm": cert.SignatureAlgorithm.String(),
		"is_ca":               cert.IsCA,
		"constraints_valid":   cert.BasicConstraintsValid,
		"max_path_len":        cert.MaxPathLen,
		"key_usage":           int(cert.KeyUsage),
		"dns_names":           append([]string{}, cert.DNSNames...),
		"ip_addresses":        ips,
		"emails":              append([]string{}, cert.EmailAddresses...),
		"uris":                len(cert.URIs),
		"key_usages":          len(cert.ExtKeyUsage) + len(cert.UnknownExtKeyUsage),
		"subject_key_id":      hex.EncodeToString(cert.SubjectKeyId),
		"authority_key_id":    hex.EncodeToString(cert.AuthorityKeyId),
		"unhandled_critical":  dotted(cert.UnhandledCriticalExtensions),
		"policies":            dotted(cert.PolicyIdentifiers),
		"extensions":          len(cert.Extensions),
		"critical_constraint": cert.PermittedDNSDomainsCritical,
		"permitted": append(append(append(append([]string{}, cert.PermittedDNSDomains...),
			cert.PermittedEmailAddresses...), cert.PermittedURIDomains...), ranges(cert.PermittedIPRanges)...),
		"excluded": append(append(append(append([]string{}, cert.ExcludedDNSDomains...),
			cert.ExcludedEmailAddresses...), cert.ExcludedURIDomains...), ranges(cert.ExcludedIPRanges)...),
		"signature": hex.EncodeToString(cert.Signature),
		"key":       digest(cert.RawSubjectPublicKeyInfo),
		"signed":    digest(cert.RawTBSCertificate),
	}
}

func dotted(oids []asn1.ObjectIdentifier) []string {
	texts := []string{}
	for _, oid := range oids {
		texts = append(texts, oid.String())
	}
	return texts
}

func ranges(networks []*net.IPNet) []string {
	texts := []string{}
	for _, network := range networks {
		texts = append(texts, hex.EncodeToString(network.IP)+hex.EncodeToString(network.Mask))
	}
	return texts
}

func parseAll(text string) ([]*x509.Certificate, error) {
	var certs []*x509.Certificate
	for rest := []byte(text); len(rest) > 0; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("tls: failed to parse certificate from server: %w", err)
		}
		certs = append(certs, cert)
	}
	if len(certs) == 0 {
		return nil, fmt.Errorf("no certificates")
	}
	return certs, nil
}

// verify: {chain: PEM, leaf first, roots: PEM | null (the system's), host, time: RFC3339}
// → {ok, error, type, chains: [[sha256]]}, as a TLS client would verify.
func verify(raw json.RawMessage) any {
	var request struct {
		Chain, Host string
		Roots       *string
		Time        time.Time
	}
	decode(raw, &request)
	certs, err := parseAll(request.Chain)
	if err != nil {
		return object{"ok": false, "error": err.Error(), "type": "parse", "chains": [][]string{}}
	}
	options := x509.VerifyOptions{
		DNSName: request.Host, CurrentTime: request.Time, Intermediates: x509.NewCertPool(),
	}
	if request.Roots != nil {
		options.Roots = poolOf(*request.Roots)
	}
	for _, cert := range certs[1:] {
		options.Intermediates.AddCert(cert)
	}
	found, err := certs[0].Verify(options)
	chains := [][]string{}
	for _, chain := range found {
		chains = append(chains, digests(chain))
	}
	kind := ""
	if err != nil {
		kind = fmt.Sprintf("%T", err)
	}
	return object{"ok": err == nil, "error": text(err), "type": kind, "chains": chains}
}

// handshake: {address, server_name, roots: PEM | null, timeout_s} → {ok, error, version, group}
// with an otherwise empty tls.Config.
func handshake(raw json.RawMessage) any {
	var request struct {
		Address    string
		ServerName string `json:"server_name"`
		Roots      *string
		TimeoutS   float64 `json:"timeout_s"`
		MaxVersion uint16  `json:"max_version"`
	}
	decode(raw, &request)
	config := &tls.Config{ServerName: request.ServerName, MaxVersion: request.MaxVersion}
	if request.Roots != nil {
		config.RootCAs = poolOf(*request.Roots)
	}
	if request.TimeoutS == 0 {
		request.TimeoutS = 5
	}
	dialer := &net.Dialer{Timeout: time.Duration(request.TimeoutS * float64(time.Second))}
	connection, err := tls.DialWithDialer(dialer, "tcp", request.Address, config)
	if err != nil {
		return object{"ok": false, "error": err.Error()}
	}
	defer connection.Close()
	state := connection.ConnectionState()
	return object{"ok": true, "error": nil, "version": int(state.Version), "cipher_suite": int(state.CipherSuite)}
}
