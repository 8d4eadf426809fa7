// Command countersign-verify checks a proof offline, with nothing but the genesis of its network, and prints what it proves:
// a receipt, a wallet, its absence, the supply, or a whole statement.
package main

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	countersign "countersign.example/verify"
)

const usage = `usage: countersign-verify FILE --genesis genesis.json [options]

Checks a file offline: a receipt, a proof of a wallet or of its absence, of the supply, or of a whole statement, in binary
or in JSON; also the answer that "countersign receipt get" prints. FILE - is standard input.

Exit code 0: it holds; 1: it proves nothing, or less than was asked; 2: the command line or a file is wrong.

  --genesis FILE    the genesis that you trust
  --wallet ID       the wallet that you ask about: the proof must be about this one
  --operation FILE  the bytes that you signed: the receipt must be for these. Without it, read the operation that is printed
  --payment FILE    the signed bytes of a payment: the receipt must be of a cancellation that rules the payment out for ever
  --allow-pending   also accept the votes of a quorum, where the group's seal is still pending
  --json            print one line of JSON
`

// The largest file with the signed bytes of an operation.
const operationBytesMax = 64 * 1024

type options struct {
	file, genesis, wallet, operation, payment string
	allowPending, json                        bool
}

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

func run(args []string, in io.Reader, out, problems io.Writer) int {
	given, err := parse(args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(out, usage)
		return 0
	}
	if err != nil {
		fmt.Fprintf(problems, "%v\n%s", err, usage)
		return 2
	}
	found, err := verify(given, in)
	if err != nil {
		fmt.Fprintln(problems, err)
		return 2
	}
	if err := show(found, given.json, out); err != nil {
		fmt.Fprintln(problems, err)
		return 2
	}
	if !found.holds() {
		return 1
	}
	return 0
}

// parse takes options before and behind the file's name.
func parse(args []string) (options, error) {
	var given options
	flags := flag.NewFlagSet("countersign-verify", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&given.genesis, "genesis", "", "")
	flags.StringVar(&given.wallet, "wallet", "", "")
	flags.StringVar(&given.operation, "operation", "", "")
	flags.StringVar(&given.payment, "payment", "", "")
	flags.BoolVar(&given.allowPending, "allow-pending", false, "")
	flags.BoolVar(&given.json, "json", false, "")
	var names []string
	for len(args) > 0 {
		if err := flags.Parse(args); err != nil {
			return given, err
		}
		if args = flags.Args(); len(args) > 0 {
			names, args = append(names, args[0]), args[1:]
		}
	}
	if len(names) != 1 {
		return given, fmt.Errorf("%d files are named; name one", len(names))
	}
	if given.genesis == "" {
		return given, errors.New("--genesis is missing; name the genesis that you trust")
	}
	given.file = names[0]
	return given, nil
}

// A finding is the verdict on a file, with what was asked about it.
type finding struct {
	network *countersign.Network
	proof   countersign.Proof
	// Final, but its seal is still to come, and it was not asked to accept that.
	pending bool
	// Of --payment: nil if it was not given.
	neverMade *bool
}

func (f finding) holds() bool {
	return f.proof.Valid() && !f.pending && (f.neverMade == nil || *f.neverMade)
}

func (f finding) verdict() string {
	switch {
	case !f.proof.Valid():
		return "invalid"
	case f.pending:
		return "pending"
	}
	return "valid"
}

func verify(given options, in io.Reader) (finding, error) {
	text, err := read(given.genesis, nil, countersign.GenesisBytesMax)
	if err != nil {
		return finding{}, err
	}
	found := finding{}
	if found.network, err = countersign.ParseGenesis(text); err != nil {
		return finding{}, fmt.Errorf("%q: %w", given.genesis, err)
	}
	var asked countersign.Question
	if given.wallet != "" {
		id, ok := countersign.ParseUUID(given.wallet)
		if !ok {
			return finding{}, fmt.Errorf("--wallet: %q is no wallet id: 32 lower-case hexadecimal digits with four hyphens", given.wallet)
		}
		asked.Wallet = &id
	}
	var payment []byte
	if given.operation != "" {
		if asked.Sent, err = read(given.operation, nil, operationBytesMax); err != nil {
			return finding{}, err
		}
	}
	if given.payment != "" {
		if payment, err = read(given.payment, nil, operationBytesMax); err != nil {
			return finding{}, err
		}
	}
	file, err := read(given.file, in, countersign.ProofBytesMax)
	if err != nil {
		return finding{}, err
	}
	found.proof = found.network.JudgeFile(file, asked)
	found.pending = found.proof.Valid() && !found.proof.Sealed && !given.allowPending
	if given.payment != "" && found.proof.Valid() {
		never := found.proof.Receipt != nil && found.network.RulesOut(*found.proof.Receipt, payment)
		found.neverMade = &never
	}
	return found, nil
}

func show(found finding, asJSON bool, out io.Writer) error {
	if !asJSON {
		_, err := fmt.Fprint(out, summary(found))
		return err
	}
	shown := struct {
		Verdict   string          `json:"verdict"`
		Reason    string          `json:"reason,omitempty"`
		Check     string          `json:"check,omitempty"`
		Problem   string          `json:"problem,omitempty"`
		Proves    json.RawMessage `json:"proves"`
		NeverMade *bool           `json:"neverMade,omitempty"`
		NetworkID string          `json:"networkId"`
	}{
		found.verdict(), found.proof.Reason, found.proof.Check, found.proof.Problem, found.proof.Proves(), found.neverMade,
		found.network.ID(),
	}
	return json.NewEncoder(out).Encode(shown)
}

// read reads a file of at most so many bytes; nil bytes only with an error. "-" is the input, if there is one.
func read(name string, in io.Reader, bytesMax int64) ([]byte, error) {
	if name != "-" || in == nil {
		file, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		in = file
	}
	found, err := io.ReadAll(io.LimitReader(in, bytesMax+1))
	if err != nil {
		return nil, err
	}
	if int64(len(found)) > bytesMax {
		return nil, fmt.Errorf("%q has more than %d bytes; is it the right file?", name, bytesMax)
	}
	return found, nil
}

func line(out io.Writer, name, value string) {
	fmt.Fprintf(out, "%-12s%s\n", name, value)
}

func digits(data []byte) string {
	return hex.EncodeToString(data)
}
