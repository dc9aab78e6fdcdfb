package main

import (
	"encoding/json"
	"time"
)

// tzdata: {data: base64 of a time zone file, at: [seconds since the epoch]} → {clocks: null},
// when the file is refused, or {clocks: [{abbreviation, offset_s}]}, one for each instant.
func tzData(raw json.RawMessage) any {
	var request struct {
		Data []byte
		At   []int64
	}
	decode(raw, &request)
	location, err := time.LoadLocationFromTZData("asked", request.Data)
	if err != nil {
		return object{"clocks": nil}
	}
	clocks := []object{}
	for _, at := range request.At {
		name, offset := time.Unix(at, 0).In(location).Zone()
		clocks = append(clocks, object{"abbreviation": name, "offset_s": offset})
	}
	return object{"clocks": clocks}
}
