package countersign

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"os"
	"reflect"
	"testing"
)

type proofVectors struct {
	Genesis   json.RawMessage
	NetworkID string
	Proofs    []struct {
		Name, Kind, Verdict, Reason, Hex string
		Wallet                           *string
		Proves                           any
	}
	Files []struct{ Name, Verdict, Reason, Text string }
}

func readProofVectors(t testing.TB) (proofVectors, *Network) {
	t.Helper()
	text, err := os.ReadFile("../../test/vectors/proofs.json")
	if err != nil {
		t.Fatal(err)
	}
	var found proofVectors
	if err := json.Unmarshal(text, &found); err != nil {
		t.Fatal(err)
	}
	network, err := ParseGenesis(found.Genesis)
	if err != nil {
		t.Fatal(err)
	}
	return found, network
}

func questionOf(kind string, wallet *string) Question {
	asked := Question{Kind: ProofKind(kind)}
	if wallet != nil {
		id, ok := ParseUUID(*wallet)
		if !ok {
			panic("a wallet id in the vectors is none: " + *wallet)
		}
		asked.Wallet = &id
	}
	return asked
}

func TestJudgesEveryProofVector(t *testing.T) {
	found, network := readProofVectors(t)
	if network.ID() != found.NetworkID {
		t.Errorf("network %s instead of %s", network.ID(), found.NetworkID)
	}
	if len(found.Proofs) < 90 || len(found.Files) < 25 {
		t.Fatalf("%d proofs and %d files", len(found.Proofs), len(found.Files))
	}
	for _, one := range found.Proofs {
		proof := network.JudgeProof(fromHex(one.Hex), questionOf(one.Kind, one.Wallet))
		if proof.Reason != one.Reason || proof.Valid() != (one.Verdict == "valid") {
			t.Errorf("%s: %q (%s) instead of %q", one.Name, proof.Reason, proof.Problem, one.Reason)
		}
		var proves any
		if err := json.Unmarshal(proof.Proves(), &proves); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(proves, one.Proves) {
			t.Errorf("%s proves %s instead of %v", one.Name, proof.Proves(), one.Proves)
		}
	}
	for _, one := range found.Files {
		proof := network.JudgeFile([]byte(one.Text), Question{})
		if proof.Reason != one.Reason || proof.Valid() != (one.Verdict == "valid") {
			t.Errorf("the file %s: %q (%s) instead of %q", one.Name, proof.Reason, proof.Problem, one.Reason)
		}
	}
}

// A receipt proves the same in the JSON of the API, and a refused one has the word for its check.
func TestJudgesReceiptsOfTheAPIAsFiles(t *testing.T) {
	found, network := readVectors(t)
	for _, one := range found.Receipts {
		text := []byte(one.Text)
		if one.Text == "" {
			text = fromHex(one.Hex)
		}
		proof := network.JudgeFile(text, Question{Sent: fromHex(found.Operations[one.Operation])})
		if proof.Valid() != (one.Check == "") || proof.Valid() && proof.Sealed != one.Sealed {
			t.Errorf("%s: %+v", one.Name, proof)
		}
	}
	valid := []byte(found.Receipts[0].Text)
	if proof := network.JudgeFile(valid, Question{Kind: WalletProof}); proof.Reason != "form" {
		t.Errorf("a receipt for a wallet: %+v", proof)
	}
}

// No input makes the verifier panic, and none proves what no vector proves: `go test -fuzz FuzzProof` looks for one.
func FuzzProof(f *testing.F) {
	found, network := readProofVectors(f)
	proved := map[string]bool{}
	for _, one := range found.Proofs {
		data := fromHex(one.Hex)
		f.Add(data)
		if proof := network.JudgeProof(data, Question{}); proof.Valid() {
			proved[string(proof.Proves())] = true
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		line := `{"format":"countersign/v1/wallet-proof","proof":"` + base64.StdEncoding.EncodeToString(data) + `"}`
		for _, file := range [][]byte{data, []byte(line)} {
			proof := network.JudgeFile(bytes.Clone(file), Question{})
			if proof.Valid() && !proved[string(proof.Proves())] {
				t.Errorf("a proof that no member made: %s", proof.Proves())
			}
		}
	})
}

func BenchmarkProof(b *testing.B) {
	found, network := readProofVectors(b)
	for _, one := range found.Proofs {
		if one.Verdict != "valid" {
			continue
		}
		data := fromHex(one.Hex)
		b.Run(one.Name, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			for i := 0; i < b.N; i++ {
				if !network.JudgeProof(data, Question{}).Valid() {
					b.Fatal("refused")
				}
			}
		})
	}
}
