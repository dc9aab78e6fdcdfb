//go:build go1.22

package main

import goversion "go/version"

func compareVersions(answer object, a, b string) {
	answer["valid"] = goversion.IsValid(a)
	answer["lang"] = goversion.Lang(a)
	answer["compare"] = goversion.Compare(a, b)
}
