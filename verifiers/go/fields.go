package countersign

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
)

// A fieldReader reads values of Protobuf JSON strictly. It keeps its first failure; what it reads after that is zero.
type fieldReader struct{ failure *failure }

func (r *fieldReader) require(check string, holds bool, problem string) bool {
	if !holds && r.failure == nil {
		r.failure = fail(check, problem)
	}
	return r.failure == nil
}

// message gives the fields of an object by their names in the contract. The text may also have them in lowerCamelCase.
func (r *fieldReader) message(v value, names ...string) map[string]value {
	given, ok := v.(object)
	if !r.require("1.4", ok, "no object where one belongs") {
		return nil
	}
	spellings := map[string]string{}
	for _, name := range names {
		spellings[name], spellings[camel(name)] = name, name
	}
	found := map[string]value{}
	for _, one := range given {
		name, known := spellings[one.name]
		if !known {
			r.require("1.4", false, fmt.Sprintf("a field that is not known: %.40s", strconv.QuoteToASCII(one.name)))
			return nil
		}
		if _, twice := found[name]; !r.require("1.2", !twice, "the field "+name+" stands twice") {
			return nil
		}
		found[name] = one.value
	}
	return found
}

func camel(name string) string {
	parts := strings.Split(name, "_")
	for i, part := range parts[1:] {
		parts[i+1] = strings.ToUpper(part[:1]) + part[1:]
	}
	return strings.Join(parts, "")
}

func (r *fieldReader) list(v value) list {
	if v == nil {
		return nil
	}
	items, ok := v.(list)
	r.require("1.5", ok, "no list where one belongs")
	for _, item := range items {
		r.require("1.5", item != nil, "null stands in a list")
	}
	if r.failure != nil {
		return nil
	}
	return items
}

// whole reads a number in plain digits, bare or in quotes.
func (r *fieldReader) whole(v value, bits int) uint64 {
	if v == nil {
		return 0
	}
	digits, quoted := v.(string)
	bare, isBare := v.(number)
	if isBare {
		digits = string(bare)
	}
	plain := digits != "" && strings.Trim(digits, "0123456789") == "" && (digits == "0" || digits[0] != '0')
	if !r.require("1.5", (quoted || isBare) && plain, "no whole number in plain digits") {
		return 0
	}
	found, err := strconv.ParseUint(digits, 10, bits)
	r.require("1.5", err == nil, fmt.Sprintf("a number of more than %d bits", bits))
	r.require("1.5", !isBare || found <= counterMax, "a bare number that readers of JSON round")
	return found
}

func (r *fieldReader) flag(v value) bool {
	found, ok := v.(bool)
	r.require("1.5", v == nil || ok, "neither true nor false")
	return found
}

// bytes reads base64 in the one form that encoding gives.
func (r *fieldReader) bytes(v value) []byte {
	if v == nil {
		return nil
	}
	text, ok := v.(string)
	if !r.require("1.6", ok, "no text where base64 belongs") {
		return nil
	}
	data, err := base64.StdEncoding.DecodeString(text)
	r.require("1.6", err == nil, "no base64")
	// The decoder skips line ends, and bits that encode nothing.
	r.require("1.6", base64.StdEncoding.EncodeToString(data) == text, "base64 that is not canonical")
	return data
}

func (r *fieldReader) sized(v value, least, most int) []byte {
	data := r.bytes(v)
	problem := fmt.Sprintf("%d bytes where %d to %d belong", len(data), least, most)
	r.require("1.7", len(data) >= least && len(data) <= most, problem)
	return data
}
