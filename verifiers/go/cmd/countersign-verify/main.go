// Command countersign-verify checks the receipt of an operation offline, with nothing but the genesis of its network, and prints
// what the receipt proves.
package main

import (
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	countersign "countersign.example/verify"
)

const usage = `usage: countersign-verify receipt.json --genesis genesis.json [--operation FILE] [--payment FILE]

Checks a receipt offline, alone or in the answer that "countersign receipt get" prints. Exit code 0: it is valid (applied or declined); 1: it proves nothing, or not what was asked;
2: the command line or a file is wrong.

  --genesis FILE    the genesis that you trust
  --operation FILE  the bytes that you signed: the receipt must be for these. Without it, read the operation that is printed
  --payment FILE    the signed bytes of a payment: the receipt must be of a cancellation that rules the payment out for ever
`

// The largest file with the signed bytes of an operation.
const operationBytesMax = 64 * 1024

type options struct{ receipt, genesis, operation, payment string }

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

func run(args []string, out, problems io.Writer) int {
	given, err := parse(args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(out, usage)
		return 0
	}
	if err != nil {
		fmt.Fprintf(problems, "%v\n%s", err, usage)
		return 2
	}
	holds, err := verify(given, out)
	if err != nil {
		fmt.Fprintln(problems, err)
		return 2
	}
	if !holds {
		return 1
	}
	return 0
}

// parse takes options before and behind the receipt's name.
func parse(args []string) (options, error) {
	var given options
	flags := flag.NewFlagSet("countersign-verify", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&given.genesis, "genesis", "", "")
	flags.StringVar(&given.operation, "operation", "", "")
	flags.StringVar(&given.payment, "payment", "", "")
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
		return given, fmt.Errorf("%d receipts are named; name one", len(names))
	}
	if given.genesis == "" {
		return given, errors.New("--genesis is missing; name the genesis that you trust")
	}
	given.receipt = names[0]
	return given, nil
}

func verify(given options, out io.Writer) (bool, error) {
	text, err := read(given.genesis, countersign.GenesisBytesMax)
	if err != nil {
		return false, err
	}
	network, err := countersign.ParseGenesis(text)
	if err != nil {
		return false, fmt.Errorf("%q: %w", given.genesis, err)
	}
	receipt, err := read(given.receipt, countersign.ReceiptBytesMax)
	if err != nil {
		return false, err
	}
	var sent, payment []byte
	if given.operation != "" {
		if sent, err = read(given.operation, operationBytesMax); err != nil {
			return false, err
		}
	}
	if given.payment != "" {
		if payment, err = read(given.payment, operationBytesMax); err != nil {
			return false, err
		}
	}
	verdict := network.JudgeAnswer(receipt, sent)
	fmt.Fprint(out, summary(network, verdict))
	holds := verdict.Outcome != countersign.Invalid
	if holds && given.payment != "" {
		holds = network.RulesOut(verdict, payment)
		line(out, "payment", map[bool]string{true: "never made", false: "NOT RULED OUT by this receipt"}[holds])
	}
	return holds, nil
}

// read reads a file of at most so many bytes; nil bytes only with an error.
func read(name string, bytesMax int64) ([]byte, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	found, err := io.ReadAll(io.LimitReader(file, bytesMax+1))
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
