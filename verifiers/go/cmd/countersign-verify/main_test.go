package main

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	countersign "countersign.example/verify"
)

type vectors struct {
	Genesis    json.RawMessage
	Operations map[string]string
	Receipts   []struct{ Name, Operation, Text string }
}

func readVectors(t *testing.T) vectors {
	t.Helper()
	text, err := os.ReadFile("../../../../test/vectors/receipts.json")
	if err != nil {
		t.Fatal(err)
	}
	var found vectors
	if err := json.Unmarshal(text, &found); err != nil {
		t.Fatal(err)
	}
	return found
}

// place is a folder with the genesis and the operations of the vectors, and the receipts by their names.
func place(t *testing.T) (folder string, receipts map[string]string) {
	t.Helper()
	found := readVectors(t)
	folder, receipts = t.TempDir(), map[string]string{}
	write(t, filepath.Join(folder, "genesis.json"), found.Genesis)
	for name, digits := range found.Operations {
		data, err := hex.DecodeString(digits)
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(folder, name), data)
	}
	for _, one := range found.Receipts {
		receipts[one.Name] = one.Text
	}
	return folder, receipts
}

func write(t *testing.T, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestCommand(t *testing.T) {
	folder, receipts := place(t)
	in := func(name string) string { return filepath.Join(folder, name) }
	trust := []string{"--genesis", in("genesis.json")}
	damaged := strings.Replace(receipts["under its own header"], `"index":`, `"index":1`, 1)
	for _, one := range []struct {
		name, receipt string
		options       []string
		code          int
		out           string
	}{
		{"a payment", receipts["under its own header"], trust, 0,
			`^receipt     valid: applied, sealed\ntransfer    0\.25 EUR \(25 minor units\)\nfrom        [0-9a-f-]{36}\n`},
		{"the payment that was sent", receipts["under its own header"], append(trust, "--operation", in("payment")), 0, "valid"},
		{"another operation", receipts["under its own header"], append(trust, "--operation", in("creation")), 1,
			`^receipt     INVALID, proves nothing \(check 2\.4: .*\)\n$`},
		{"a declined one", receipts["of a declined operation"], trust, 0, "DECLINED, nothing changed"},
		{"a pending seal", receipts["whose seal is pending, under its own header"], trust, 0,
			`applied, final, seal pending\n(?s:.*)final       by the votes of \d of 4 members`},
		{"a creation", receipts["of a wallet's creation"], trust, 0, "creation    wallet with "},
		{"a cancellation", receipts["of a cancellation"], append(trust, "--payment", in("payment")), 0,
			`cancelled   payments under this id are never made if valid until .*Z to .*Z\n(?s:.*)payment     never made\n$`},
		{"a payment as its own cancellation", receipts["under its own header"], append(trust, "--payment", in("payment")), 1,
			`payment     NOT RULED OUT by this receipt\n$`},
		{"a change", damaged, trust, 1, `^receipt     INVALID, proves nothing \(check \d\.\d+: .*\)\n$`},
		{"no text", "", trust, 1, "check 1.2"},
		{"too long a text", strings.Repeat(" ", 256*1024+1), trust, 2, "^$"},
		{"no genesis", receipts["under its own header"], nil, 2, "^$"},
		{"a genesis that is none", receipts["under its own header"], []string{"--genesis", in("payment")}, 2, "^$"},
	} {
		t.Run(one.name, func(t *testing.T) {
			write(t, in("receipt.json"), []byte(one.receipt))
			var out, problems strings.Builder
			code := run(append([]string{in("receipt.json")}, one.options...), &out, &problems)
			if code != one.code || !regexp.MustCompile(one.out).MatchString(out.String()) {
				t.Errorf("exit code %d, output:\n%s%s", code, out.String(), problems.String())
			}
			if (code == 2) != (problems.Len() > 0) {
				t.Errorf("exit code %d and %q", code, problems.String())
			}
		})
	}
}

// A reference comes from outside: it must not steer a terminal or begin a line.
func TestQuotesTextFromOutside(t *testing.T) {
	network, err := countersign.ParseGenesis(readVectors(t).Genesis)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"\x1b[2J", "rent\nreceipt     valid", "\u202etxt"} {
		operation := countersign.Operation{Kind: countersign.Transfer, Asset: text, Reference: &text}
		shown := summary(network, countersign.Verdict{Outcome: countersign.Applied, Operation: operation})
		if !strings.Contains(shown, "reference   "+strconv.QuoteToASCII(text)+"\n") || strings.Count(shown, "\nreceipt     valid") != 0 {
			t.Errorf("%q is shown in\n%s", text, shown)
		}
		if strings.ContainsFunc(shown, func(one rune) bool { return one > '~' || one < ' ' && one != '\n' }) {
			t.Errorf("%q", shown)
		}
	}
}
