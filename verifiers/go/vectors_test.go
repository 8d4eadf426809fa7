package countersign

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"testing"
)

type vectors struct {
	Genesis    json.RawMessage
	NetworkID  string
	Quorums    []struct{ Members, Quorum int }
	Operations map[string]string
	Receipts   []struct {
		Name, Operation, Verdict, Check, Text, Hex string
		Sealed                                     bool
	}
	Cancelled []struct {
		Name, Payment, Cancellation, Receipt string
		Never                                bool
	}
}

func readVectors(t testing.TB) (vectors, *Network) {
	t.Helper()
	text, err := os.ReadFile("../../test/vectors/receipts.json")
	if err != nil {
		t.Fatal(err)
	}
	var found vectors
	if err := json.Unmarshal(text, &found); err != nil {
		t.Fatal(err)
	}
	network, err := ParseGenesis(found.Genesis)
	if err != nil {
		t.Fatal(err)
	}
	return found, network
}

func TestJudgesEveryVector(t *testing.T) {
	found, network := readVectors(t)
	if network.ID() != found.NetworkID {
		t.Errorf("network %s instead of %s", network.ID(), found.NetworkID)
	}
	for _, one := range found.Quorums {
		if quorum := quorumOf(one.Members); quorum != one.Quorum {
			t.Errorf("a quorum of %d: %d instead of %d", one.Members, quorum, one.Quorum)
		}
	}
	for _, one := range found.Receipts {
		text := []byte(one.Text)
		if one.Text == "" {
			text = fromHex(one.Hex)
		}
		verdict := network.Judge(text, fromHex(found.Operations[one.Operation]))
		if string(verdict.Outcome) != one.Verdict || verdict.Sealed != one.Sealed || verdict.Check != one.Check {
			t.Errorf("a receipt %s: %s, check %q, sealed %t; the vector says %s, check %q, sealed %t", one.Name,
				verdict.Outcome, verdict.Check, verdict.Sealed, one.Verdict, one.Check, one.Sealed)
		}
	}
	for _, one := range found.Cancelled {
		never := network.IsNeverMade(fromHex(one.Payment), fromHex(one.Cancellation), []byte(one.Receipt))
		if never != one.Never {
			t.Errorf("a cancellation of %s: never made is %t", one.Name, never)
		}
	}
}

// A receipt for other signed bytes is refused, and one without any must read as an operation.
func TestWithoutTheSignedBytes(t *testing.T) {
	found, network := readVectors(t)
	valid := []byte(found.Receipts[0].Text)
	if verdict := network.Judge(valid, nil); verdict.Outcome != Applied || verdict.Operation.Kind != Transfer {
		t.Errorf("a good receipt without the signed bytes: %+v", verdict)
	}
	if verdict := network.Judge(valid, []byte{}); verdict.Check != "2.4" {
		t.Errorf("a receipt for other bytes: %+v", verdict)
	}
}

// Fields beside a receipt are not proved, so they change nothing; the text is read as strictly.
func TestJudgesTheReceiptInAnAnswer(t *testing.T) {
	found, network := readVectors(t)
	valid := found.Receipts[0].Text
	for text, outcome := range map[string]Outcome{
		valid:                                   Applied,
		`{"receipt":` + valid + `}`:             Applied,
		`{"a":{"b":1},"receipt":` + valid + `}`: Applied,
		`{"receipt":` + valid + `,"receipt":1}`: Invalid,
		`{"receipt":null}`:                      Invalid,
		`{"receipt":{"receipt":` + valid + `}}`: Invalid,
		`[` + valid + `]`:                       Invalid,
	} {
		if verdict := network.JudgeAnswer([]byte(text), nil); verdict.Outcome != outcome {
			t.Errorf("%s: %+v", text, verdict)
		}
	}
	if verdict := network.Judge([]byte(`{"receipt":`+valid+`}`), nil); verdict.Check != "1.4" {
		t.Errorf("an answer as a receipt: %+v", verdict)
	}
}

func TestRefusesAWrongGenesis(t *testing.T) {
	found, _ := readVectors(t)
	for _, change := range [][2]string{
		{`"createdAt"`, `"createdat"`}, {`"issuers"`, `"assets"`}, {`"scale": 2`, `"scale": 2.0`}, {`"scale": 2`, `"scale": 19`},
		{`"id": "node2"`, `"id": "node1"`}, {`"code": "EUR"`, `"code": "eur"`}, {`"identityKey": "`, `"identityKey": "0`},
	} {
		var spaced bytes.Buffer
		if err := json.Indent(&spaced, found.Genesis, "", " "); err != nil {
			t.Fatal(err)
		}
		text := bytes.Replace(spaced.Bytes(), []byte(change[0]), []byte(change[1]), 1)
		if bytes.Equal(text, spaced.Bytes()) {
			t.Fatalf("the genesis has no %s", change[0])
		}
		if _, err := ParseGenesis(text); err == nil {
			t.Errorf("a genesis with %s instead of %s is taken", change[1], change[0])
		} else {
			t.Log(err)
		}
	}
}

// The list of small points is whole: they are the only ones of which eight make zero.
func TestSmallPoints(t *testing.T) {
	for i, y := range smallY {
		if !isSmall(y[:]) || isPublicKey(y[:]) {
			t.Errorf("point %d of the list is not small", i)
		}
		found, ok := decode(y[:])
		double := found
		for j := 0; ok && j < 3; j++ {
			double = double.add(double)
		}
		if !ok || !double.isZero() {
			t.Errorf("point %d of the list is not of small order", i)
		}
	}
}

// No input makes the verifier panic, and none proves an operation that no vector proves: `go test -fuzz FuzzJudge` looks for one.
func FuzzJudge(f *testing.F) {
	found, network := readVectors(f)
	proved := map[string]bool{}
	for _, one := range found.Receipts {
		text := []byte(one.Text)
		f.Add(text)
		if verdict := network.Judge(text, nil); verdict.Outcome != Invalid {
			proved[shown(verdict)] = true
		}
	}
	payment := fromHex(found.Operations["payment"])
	f.Fuzz(func(t *testing.T, text []byte) {
		if verdict := network.Judge(text, nil); verdict.Outcome != Invalid && !proved[shown(verdict)] {
			t.Errorf("a receipt that no member made: %+v", verdict)
		}
		network.RulesOut(network.JudgeAnswer(text, nil), payment)
		_, _ = ParseGenesis(text)
	})
}

func shown(verdict Verdict) string {
	return fmt.Sprint(verdict.Outcome, verdict.Operation.ID, verdict.Operation.Amount, verdict.Height)
}

func BenchmarkJudge(b *testing.B) {
	found, network := readVectors(b)
	for _, one := range found.Receipts {
		if one.Verdict == string(Invalid) {
			continue
		}
		text, sent := []byte(one.Text), fromHex(found.Operations[one.Operation])
		b.Run(one.Name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for i := 0; i < b.N; i++ {
				if network.Judge(text, sent).Outcome == Invalid {
					b.Fatal("refused")
				}
			}
		})
	}
}

func BenchmarkNewGroupKey(b *testing.B) {
	_, network := readVectors(b)
	key := network.members[0].identityKey
	for i := 0; i < b.N; i++ {
		lastPublicKey.Store(nil)
		if !isPublicKey(key) {
			b.Fatal("refused")
		}
	}
}
