package countersign

import (
	"encoding/binary"
	"fmt"
	"unicode/utf8"
)

// A decoder reads the canonical encoding. Its form is the check that fails if bytes are too few or a number too large. It
// keeps its first failure; what it reads after that is zero.
type decoder struct {
	data    []byte
	form    string
	at      int
	failure *failure
}

func (d *decoder) require(check string, holds bool, problem string) {
	if !holds && d.failure == nil {
		d.failure = fail(check, problem)
	}
}

// take gives the next bytes; none after a failure.
func (d *decoder) take(length int) []byte {
	d.require(d.form, length <= len(d.data)-d.at, "bytes end too early")
	if d.failure != nil {
		return nil
	}
	d.at += length
	return d.data[d.at-length : d.at]
}

// number reads an unsigned number of 1 to 8 bytes.
func (d *decoder) number(width int) uint64 {
	var wide [8]byte
	copy(wide[8-width:], d.take(width))
	return binary.BigEndian.Uint64(wide[:])
}

func (d *decoder) counter() uint64 {
	found := d.number(8)
	d.require(d.form, found <= counterMax, "a counter of more than 53 bits")
	return found
}

// count reads the length of a list or of bytes; 0 after a failure.
func (d *decoder) count(most int) int {
	found := d.number(4)
	d.require(d.form, found <= uint64(most), fmt.Sprintf("%d items where %d may be", found, most))
	if d.failure != nil {
		return 0
	}
	return int(found)
}

func (d *decoder) sized(most int) []byte {
	return d.take(d.count(most))
}

func (d *decoder) text(most int) string {
	found := d.sized(most)
	d.require(d.form, utf8.Valid(found), "text is not UTF-8")
	return string(found)
}

func (d *decoder) present() bool {
	flag := d.number(1)
	d.require(d.form, flag <= 1, "a flag is neither 0 nor 1")
	return flag == 1
}

func (d *decoder) expect(expected, check, problem string) {
	found := d.take(len(expected))
	d.require(check, string(found) == expected, problem)
}

func (d *decoder) end(check string) {
	d.require(check, d.at == len(d.data), "bytes after the end")
}

// tag is the encoded name that begins all signed or hashed bytes.
func tag(name string) string {
	return string(rune(len(name))) + name
}

func appendU64(to []byte, number uint64) []byte {
	return binary.BigEndian.AppendUint64(to, number)
}

func appendText(to []byte, text string) []byte {
	return append(binary.BigEndian.AppendUint32(to, uint32(len(text))), text...)
}
