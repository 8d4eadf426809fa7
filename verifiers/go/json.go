package countersign

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// depthMax bounds the nesting of JSON, and with it the recursion of the parser.
const depthMax = 64

// A value of JSON is nil, a bool, a string, a number, a list or an object. encoding/json is too lenient for it: that
// package takes a repeated name, and names in another case.
type value any

// A number as it was written; its field decides how it is read.
type number string

type list []value

type member struct {
	name  string
	value value
}

// The members of an object in the order of the text; no name stands twice.
type object []member

// parse reads JSON (RFC 8259) strictly: two readers must not understand one text differently.
func parse(text []byte, bytesMax int) (value, *failure) {
	if len(text) > bytesMax {
		return nil, fail("1.1", "the text is too long")
	}
	if !utf8.Valid(text) {
		return nil, fail("1.1", "the text is not UTF-8")
	}
	p := parser{text: string(text)}
	found := p.value()
	if p.at != len(p.text) {
		p.fail("something stands behind the JSON")
	}
	if p.failure != nil {
		return nil, p.failure
	}
	return found, nil
}

// A parser keeps its first failure and stands at the end of the text from then on, so every loop ends.
type parser struct {
	text      string
	at, depth int
	failure   *failure
}

func (p *parser) fail(problem string) {
	if p.failure == nil {
		p.failure = fail("1.2", problem)
	}
	p.at = len(p.text)
}

// peek is the next byte; 0, which no JSON holds, at the end.
func (p *parser) peek() byte {
	if p.at >= len(p.text) {
		return 0
	}
	return p.text[p.at]
}

func (p *parser) takes(character byte) bool {
	if p.at >= len(p.text) || p.text[p.at] != character {
		return false
	}
	p.at++
	return true
}

func (p *parser) space() {
	for p.at < len(p.text) && strings.IndexByte(" \t\n\r", p.text[p.at]) >= 0 {
		p.at++
	}
}

// value reads a value with the space around it.
func (p *parser) value() value {
	p.space()
	found := p.bare()
	p.space()
	return found
}

func (p *parser) bare() value {
	switch next := p.peek(); {
	case next == '"':
		p.at++
		return p.string()
	case next == '{':
		p.at++
		return p.nested(p.object)
	case next == '[':
		p.at++
		return p.nested(p.list)
	case next == '-' || isDigit(next):
		return p.number()
	}
	for word, found := range map[string]value{"true": true, "false": false, "null": nil} {
		if strings.HasPrefix(p.text[p.at:], word) {
			p.at += len(word)
			return found
		}
	}
	p.fail("no JSON")
	return nil
}

func (p *parser) nested(read func() value) value {
	p.depth++
	if p.depth > depthMax {
		p.fail("nested too deep")
		return nil
	}
	found := read()
	p.depth--
	return found
}

func (p *parser) object() value {
	members, seen := object{}, map[string]bool{}
	p.space()
	if p.takes('}') {
		return members
	}
	for {
		p.space()
		if !p.takes('"') {
			p.fail("no name")
			return nil
		}
		name := p.string()
		if seen[name] {
			p.fail("a name stands twice in one object")
		}
		seen[name] = true
		p.space()
		if !p.takes(':') {
			p.fail("no colon behind a name")
			return nil
		}
		members = append(members, member{name, p.value()})
		if !p.takes(',') {
			break
		}
	}
	if !p.takes('}') {
		p.fail("an object does not end")
	}
	return members
}

func (p *parser) list() value {
	items := list{}
	p.space()
	if p.takes(']') {
		return items
	}
	items = append(items, p.value())
	for p.takes(',') {
		items = append(items, p.value())
	}
	if !p.takes(']') {
		p.fail("a list does not end")
	}
	return items
}

// number reads as much as is a number; what is left of a malformed one stands behind the value.
func (p *parser) number() value {
	start := p.at
	p.takes('-')
	if !p.takes('0') && p.digits() == 0 {
		p.fail("no digits behind a sign")
		return nil
	}
	end := p.at
	if p.takes('.') && p.digits() > 0 {
		end = p.at
	}
	p.at = end
	if p.takes('e') || p.takes('E') {
		_ = p.takes('+') || p.takes('-')
		if p.digits() > 0 {
			end = p.at
		}
	}
	p.at = end
	return number(p.text[start:end])
}

func (p *parser) digits() int {
	start := p.at
	for isDigit(p.peek()) {
		p.at++
	}
	return p.at - start
}

func isDigit(character byte) bool {
	return character >= '0' && character <= '9'
}

var escaped = map[byte]byte{
	'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t',
}

// string reads a string from behind its opening quote.
func (p *parser) string() string {
	var found strings.Builder
	for p.at < len(p.text) {
		start := p.at
		for p.at < len(p.text) && p.text[p.at] >= ' ' && p.text[p.at] != '"' && p.text[p.at] != '\\' {
			p.at++
		}
		found.WriteString(p.text[start:p.at])
		if p.takes('"') {
			return found.String()
		}
		if !p.takes('\\') {
			break
		}
		if plain, ok := escaped[p.peek()]; ok {
			p.at++
			found.WriteByte(plain)
		} else if !p.escape(&found) {
			break
		}
	}
	p.fail("a string does not end")
	return ""
}

// escape reads the rest of a \uXXXX escape, or of two that are one character.
func (p *parser) escape(found *strings.Builder) bool {
	first, ok := p.unit()
	if !ok {
		return false
	}
	if utf16.IsSurrogate(first) && p.takes('\\') {
		start := p.at - 1
		second, _ := p.unit()
		if both := utf16.DecodeRune(first, second); both != utf8.RuneError {
			found.WriteRune(both)
			return true
		}
		p.at = start
	}
	if utf16.IsSurrogate(first) {
		// Half a character has no UTF-8. These three bytes keep it apart from every text.
		found.Write([]byte{0xe0 | byte(first>>12), 0x80 | byte(first>>6&0x3f), 0x80 | byte(first&0x3f)})
		return true
	}
	found.WriteRune(first)
	return true
}

// unit reads "u" and four hexadecimal digits.
func (p *parser) unit() (rune, bool) {
	if p.peek() != 'u' || p.at+5 > len(p.text) {
		return 0, false
	}
	digits := p.text[p.at+1 : p.at+5]
	if strings.Trim(digits, "0123456789abcdefABCDEF") != "" {
		return 0, false
	}
	code, err := strconv.ParseUint(digits, 16, 16)
	if err != nil {
		return 0, false
	}
	p.at += 5
	return rune(code), true
}

// isLoose is true of a text of JSON with a spelling that is a single bit away from another one of the same; the common
// writers of JSON use none of them.
func isLoose(text []byte) bool {
	for i, character := range text {
		next := byte(0)
		if i+1 < len(text) {
			next = text[i+1]
		}
		if character == '\r' && next != '\n' || character == '\t' && next == '\n' {
			return true
		}
	}
	// Backslashes stand in strings only, and each begins an escape.
	for i := 0; i+1 < len(text); i++ {
		if text[i] != '\\' {
			continue
		}
		i++
		if text[i] == 'u' && i+5 <= len(text) && strings.ContainsAny(string(text[i+1:i+5]), "ABCDEF") {
			return true
		}
	}
	return false
}
