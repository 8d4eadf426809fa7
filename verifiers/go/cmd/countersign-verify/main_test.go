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
	with := func(more ...string) []string { return append(append([]string{}, trust...), more...) }
	damaged := strings.Replace(receipts["under its own header"], `"index":`, `"index":1`, 1)
	pending := receipts["whose seal is pending, under its own header"]
	for _, one := range []struct {
		name, file string
		options    []string
		code       int
		out        string
	}{
		{"a payment", receipts["under its own header"], trust, 0,
			`^receipt     valid: applied, sealed\ntransfer    0\.25 EUR \(25 minor units\)\nfrom        [0-9a-f-]{36}\n`},
		{"the payment that was sent", receipts["under its own header"], with("--operation", in("payment")), 0, "valid"},
		{"another operation", receipts["under its own header"], with("--operation", in("creation")), 1,
			`^proof       INVALID, proves nothing \(check 2\.4: .*\)\n$`},
		{"a declined one", receipts["of a declined operation"], trust, 0, "DECLINED, nothing changed"},
		{"a pending seal", pending, trust, 1, `^receipt     SEAL PENDING, accepted only with --allow-pending: applied`},
		{"an allowed pending seal", pending, with("--allow-pending"), 0,
			`valid: applied, final, seal pending\n(?s:.*)final       by the votes of \d of 4 members`},
		{"a pending seal in JSON", pending, with("--json"), 1, `^\{"verdict":"pending","proves":\{"kind":"receipt",.*"sealed":false.*\}\n$`},
		{"a payment in JSON", receipts["under its own header"], with("--json"), 0,
			`^\{"verdict":"valid","proves":\{"kind":"receipt",.*"outcome":"applied"\},"networkId":"[0-9a-f]{64}"\}\n$`},
		{"a change in JSON", damaged, with("--json"), 1,
			`^\{"verdict":"invalid","reason":"place","check":"4\.1","problem":".*","proves":null,"networkId":"[0-9a-f]{64}"\}\n$`},
		{"a creation", receipts["of a wallet's creation"], trust, 0, "creation    wallet with "},
		{"a cancellation", receipts["of a cancellation"], with("--payment", in("payment")), 0,
			`cancelled   payments under this id are never made if valid until .*Z to .*Z\n(?s:.*)payment     never made\n$`},
		{"a payment as its own cancellation", receipts["under its own header"], with("--payment", in("payment")), 1,
			`payment     NOT RULED OUT by this file\n$`},
		{"a change", damaged, trust, 1, `^proof       INVALID, proves nothing \(check \d\.\d+: .*\)\n$`},
		{"no text", "", trust, 1, "form"},
		{"an object", "{}", trust, 1, "check 1.8|check 1.7"},
		{"a long text", "{" + strings.Repeat(" ", 256*1024), trust, 1, "check 1.1"},
		{"a wallet id that is none", receipts["under its own header"], with("--wallet", "alice"), 2, "^$"},
		{"no genesis", receipts["under its own header"], nil, 2, "^$"},
		{"a genesis that is none", receipts["under its own header"], []string{"--genesis", in("payment")}, 2, "^$"},
	} {
		t.Run(one.name, func(t *testing.T) {
			write(t, in("file"), []byte(one.file))
			try(t, in("file"), "", one.options, one.code, one.out)
			try(t, "-", one.file, one.options, one.code, one.out)
		})
	}
}

func try(t *testing.T, name, input string, options []string, code int, pattern string) {
	t.Helper()
	var out, problems strings.Builder
	found := run(append([]string{name}, options...), strings.NewReader(input), &out, &problems)
	if found != code || !regexp.MustCompile(pattern).MatchString(out.String()) {
		t.Errorf("%s: exit code %d, output:\n%s%s", name, found, out.String(), problems.String())
	}
	if (found == 2) != (problems.Len() > 0) {
		t.Errorf("%s: exit code %d and %q", name, found, problems.String())
	}
}

// Only the wallet that is asked about will do, and every kind of proof is shown.
func TestCommandOnProofs(t *testing.T) {
	text, err := os.ReadFile("../../../../test/vectors/proofs.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors struct {
		Genesis json.RawMessage
		Proofs  []struct {
			Verdict, Hex string
			Wallet       *string
		}
	}
	if err := json.Unmarshal(text, &vectors); err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	genesis := filepath.Join(folder, "genesis.json")
	write(t, genesis, vectors.Genesis)
	trust := []string{"--genesis", genesis, "--allow-pending"}
	for _, one := range vectors.Proofs {
		if one.Verdict != "valid" {
			continue
		}
		data, err := hex.DecodeString(one.Hex)
		if err != nil {
			t.Fatal(err)
		}
		options := trust
		if one.Wallet != nil {
			options = append(append([]string{}, trust...), "--wallet", *one.Wallet)
		}
		try(t, "-", string(data), options, 0, `^(receipt|wallet|absence|supply|statement)  +valid: `)
		if one.Wallet != nil {
			other := append(append([]string{}, trust...), "--wallet", "00000000-0000-8000-8000-000000000000", "--json")
			try(t, "-", string(data), other, 1, `^\{"verdict":"invalid","reason":"wallet",`)
		}
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
		shown := summary(finding{network: network, proof: countersign.Proof{
			Kind: countersign.ReceiptProof, Sealed: true,
			Receipt: &countersign.Verdict{Outcome: countersign.Applied, Operation: operation},
		}})
		if !strings.Contains(shown, "reference   "+strconv.QuoteToASCII(text)+"\n") || strings.Count(shown, "\nreceipt     valid") != 0 {
			t.Errorf("%q is shown in\n%s", text, shown)
		}
		if strings.ContainsFunc(shown, func(one rune) bool { return one > '~' || one < ' ' && one != '\n' }) {
			t.Errorf("%q", shown)
		}
	}
}
