package main

import (
	"debug/buildinfo"
	"encoding/json"
	"net/http"
	"runtime"
	"time"
)

// proxy: {url} → {proxy: URL | null, error}. The environment is read once a process.
func proxy(raw json.RawMessage) any {
	var request struct{ URL string }
	decode(raw, &request)
	outgoing, err := http.NewRequest("GET", request.URL, nil)
	if err != nil {
		return object{"proxy": nil, "error": err.Error()}
	}
	through, err := http.ProxyFromEnvironment(outgoing)
	if err != nil || through == nil {
		return object{"proxy": nil, "error": text(err)}
	}
	return object{"proxy": through.String(), "error": nil}
}

// timezone: {year} → {name, january, july}; each month {abbreviation, offset_s} on its
// 1st at 12:00 UTC. time.Local is made once a process.
func timezone(raw json.RawMessage) any {
	var request struct{ Year int }
	decode(raw, &request)
	noon := func(month time.Month) object {
		name, offset := time.Date(request.Year, month, 1, 12, 0, 0, 0, time.UTC).In(time.Local).Zone()
		return object{"abbreviation": name, "offset_s": offset}
	}
	return object{"name": time.Local.String(), "january": noon(time.January), "july": noon(time.July)}
}

// buildinfo: {path} → {error} or {version, path, settings, deps}.
func buildInfo(raw json.RawMessage) any {
	var request struct{ Path string }
	decode(raw, &request)
	info, err := buildinfo.ReadFile(request.Path)
	if err != nil {
		return object{"error": err.Error()}
	}
	settings := object{}
	for _, setting := range info.Settings {
		settings[setting.Key] = setting.Value
	}
	deps := []string{}
	for _, dep := range info.Deps {
		deps = append(deps, dep.Path)
	}
	return object{
		"error": nil, "version": info.GoVersion, "path": info.Path, "settings": settings, "deps": deps,
	}
}

// version: {a, b?} → {runtime, valid, lang, compare} by package go/version; that came
// with Go 1.22, before it everything but runtime is null.
func version(raw json.RawMessage) any {
	var request struct{ A, B string }
	decode(raw, &request)
	answer := object{"runtime": runtime.Version(), "valid": nil, "lang": nil, "compare": nil}
	compareVersions(answer, request.A, request.B)
	return answer
}
