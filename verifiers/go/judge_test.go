package countersign

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
)

// TestMain also makes the test program a judge for test/client/receipt-judges.ts: with COUNTERSIGN_JUDGE=1 it reads one command
// a line and writes one line of verdicts. The commands are those of test/client/judge_receipts.py, and lists of signatures
// (key, message and signature of each), of keys, and of payments with their cancellations.
func TestMain(m *testing.M) {
	if os.Getenv("COUNTERSIGN_JUDGE") == "" {
		os.Exit(m.Run())
	}
	if err := serve(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

type command struct {
	Operation  string
	Texts      []string
	Flips      string
	From, Step int
	Signatures [][3]string
	Keys       []string
	Cancelled  []struct{ Payment, Cancellation, Receipt string }
	Proofs     []askedProof
	Files      []string
	ProofFlips *askedProof
}

type askedProof struct {
	Kind   string
	Wallet *string
	Hex    string
}

func serve() error {
	in, out := bufio.NewReader(os.Stdin), bufio.NewWriter(os.Stdout)
	var setting struct {
		Genesis    json.RawMessage
		Operations map[string]string
	}
	if err := readLine(in, &setting); err != nil {
		return err
	}
	network, err := ParseGenesis(setting.Genesis)
	if err != nil {
		return err
	}
	for {
		var given command
		if err := readLine(in, &given); err != nil {
			// The caller closes standard input when it is done.
			return nil
		}
		verdicts := answer(network, fromHex(setting.Operations[given.Operation]), given)
		fmt.Fprintln(out, strings.Join(verdicts, " "))
		if err := out.Flush(); err != nil {
			return err
		}
	}
}

func readLine(in *bufio.Reader, to any) error {
	line, err := in.ReadBytes('\n')
	if err != nil {
		return err
	}
	return json.Unmarshal(line, to)
}

func answer(network *Network, sent []byte, given command) (verdicts []string) {
	for _, text := range given.Texts {
		verdicts = append(verdicts, short(network.Judge(fromHex(text), sent)))
	}
	flipped := fromHex(given.Flips)
	for number := given.From; number < 8*len(flipped); number += given.Step {
		flipped[number/8] ^= 1 << (number % 8)
		verdicts = append(verdicts, short(network.Judge(flipped, sent)))
		flipped[number/8] ^= 1 << (number % 8)
	}
	for _, one := range given.Proofs {
		verdicts = append(verdicts, proved(network.JudgeProof(fromHex(one.Hex), questionOf(one.Kind, one.Wallet))))
	}
	for _, file := range given.Files {
		verdicts = append(verdicts, proved(network.JudgeFile(fromHex(file), Question{})))
	}
	if given.ProofFlips != nil {
		data, asked := fromHex(given.ProofFlips.Hex), questionOf(given.ProofFlips.Kind, given.ProofFlips.Wallet)
		for number := given.From; number < 8*len(data); number += given.Step {
			data[number/8] ^= 1 << (number % 8)
			verdicts = append(verdicts, proved(network.JudgeProof(data, asked)))
			data[number/8] ^= 1 << (number % 8)
		}
	}
	for _, one := range given.Signatures {
		verdicts = append(verdicts, fmt.Sprint(isSignature(fromHex(one[0]), fromHex(one[1]), fromHex(one[2]))))
	}
	for _, key := range given.Keys {
		verdicts = append(verdicts, fmt.Sprint(isPublicKey(fromHex(key))))
	}
	for _, one := range given.Cancelled {
		payment, cancellation := fromHex(one.Payment), fromHex(one.Cancellation)
		verdicts = append(verdicts, fmt.Sprint(network.IsNeverMade(payment, cancellation, []byte(one.Receipt))))
	}
	return verdicts
}

// short is "a" for applied, "d" for declined, and else the number of the check that fails.
func short(verdict Verdict) string {
	if verdict.Outcome == Invalid {
		return verdict.Check
	}
	return string(verdict.Outcome[0])
}

// proved is what a file proves, as JSON without spaces, or the word of the check that fails.
func proved(proof Proof) string {
	if proof.Valid() {
		return string(proof.Proves())
	}
	return proof.Reason
}

func fromHex(digits string) []byte {
	found, err := hex.DecodeString(digits)
	if err != nil {
		panic(err)
	}
	return found
}
