package countersign

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"
)

// ProofBytesMax is the size of the largest file that can be a valid proof.
const ProofBytesMax = 64 * 1024 * 1024

// Kind of a proof: what its file begins with. An absence is what a wallet proof may prove.
type ProofKind string

const (
	ReceiptProof   ProofKind = "receipt"
	WalletProof    ProofKind = "wallet"
	SupplyProof    ProofKind = "supply"
	StatementProof ProofKind = "statement"
	Absence        ProofKind = "absence"
)

// The kinds of files, each with the tag that its bytes begin with.
var proofTags = []struct {
	kind ProofKind
	tag  string
}{
	{ReceiptProof, "countersign/v1/receipt"},
	{WalletProof, "countersign/v1/wallet-proof"},
	{SupplyProof, "countersign/v1/supply-proof"},
	{StatementProof, "countersign/v1/statement-proof"},
}

// Question narrows what a proof may be about. The zero Question takes any proof; the caller reads what it proves.
type Question struct {
	// Kind of the file; empty for any.
	Kind ProofKind
	// Wallet is the one that the reader asks about; nil for any.
	Wallet *UUID
	// Sent are the bytes of an operation that the reader signed, for a receipt; nil for any.
	Sent []byte
}

// Proof is the verdict on a file. If Reason is not empty, the file proves nothing, and all but Problem and Check is zero.
type Proof struct {
	// Reason is the word in docs/proofs.md of the first check that fails.
	Reason string
	// Check is its number in docs/signing.md, if it has one.
	Check   string
	Problem string
	// Kind of the fact. A file with a wallet proof proves a wallet or an absence.
	Kind ProofKind
	// Sealed, by the group's key. Otherwise a quorum's own votes stand for the seal.
	Sealed bool
	// Height and BlockTime (milliseconds since 1970) are those of the block that the fact is about.
	Height, BlockTime uint64
	// CertifiedHeight is that of the block with the seal or the votes.
	CertifiedHeight uint64
	// Signers is the number of members who confirmed the group's key or voted.
	Signers int
	// GroupKey has 32 bytes if Sealed.
	GroupKey []byte
	// Receipt is of a receipt.
	Receipt *Verdict
	// WalletID is the id of a wallet, an absence or a statement.
	WalletID UUID
	// Wallet is of a wallet, or of a statement: after its last entry.
	Wallet *Wallet
	// Supply is of a supply: one for each asset, in the order of the genesis.
	Supply []Supply
	// Opening and Entries are of a statement.
	Opening Carried
	Entries []Entry
}

// Valid is true if the file proves something.
func (p Proof) Valid() bool {
	return p.Reason == ""
}

// Supply is so much of one asset, in minor units.
type Supply struct {
	Asset  string
	Amount uint64
}

func refused(failed *failure) Proof {
	found := Proof{Reason: reasonOf(failed.check), Problem: failed.problem}
	if failed.check != found.Reason {
		found.Check = failed.check
	}
	return found
}

// reasonOf gives the word of docs/proofs.md for a check of docs/signing.md; a word stands for itself.
func reasonOf(check string) string {
	part, _, isNumber := strings.Cut(check, ".")
	switch {
	case !isNumber:
		return check
	case part == "1" || check == "5.1" || check == "5.2" || check == "5.7" || check == "6.1":
		return "form"
	case check == "5.11" || check == "5.12":
		return "seal"
	}
	return map[string]string{"2": "result", "3": "headers", "4": "place", "5": "keyCertificate", "6": "finalization"}[part]
}

// JudgeFile judges a proof of any kind, in its binary form or in JSON, and receipts as the API writes them. Every file gets
// a verdict, however malformed.
func (n *Network) JudgeFile(file []byte, asked Question) Proof {
	if !isReceiptOfAPI(file) {
		return n.JudgeProof(file, asked)
	}
	if asked.Kind != "" && asked.Kind != ReceiptProof {
		return refused(fail("form", "a receipt is no proof of another kind"))
	}
	verdict := n.JudgeAnswer(file, asked.Sent)
	if verdict.Outcome == Invalid {
		return refused(fail(verdict.Check, verdict.Problem))
	}
	return proofOf(verdict)
}

// isReceiptOfAPI is true of JSON that is not the line around a proof.
func isReceiptOfAPI(file []byte) bool {
	start := bytes.TrimLeft(file[:min(len(file), receiptBytesMax)], " \t\r\n")
	return bytes.HasPrefix(start, []byte("{")) && !bytes.HasPrefix(file, []byte(lineHead))
}

func proofOf(verdict Verdict) Proof {
	return Proof{
		Kind: ReceiptProof, Sealed: verdict.Sealed, Height: verdict.Height, BlockTime: verdict.BlockTime,
		CertifiedHeight: verdict.CertifiedHeight, Signers: verdict.Signers, GroupKey: verdict.GroupKey, Receipt: &verdict,
	}
}

// JudgeProof judges a proof in its binary form, or in the line of JSON around it.
func (n *Network) JudgeProof(file []byte, asked Question) Proof {
	if len(file) > ProofBytesMax {
		return refused(fail("form", fmt.Sprintf("there are more than %d bytes", ProofBytesMax)))
	}
	data := file
	if bytes.HasPrefix(file, []byte("{")) {
		inside, failed := bytesOfLine(file)
		if failed != nil {
			return refused(failed)
		}
		data = inside
	}
	for _, one := range proofTags {
		if !bytes.HasPrefix(data, []byte(tag(one.tag))) {
			continue
		}
		if asked.Kind != "" && asked.Kind != one.kind {
			return refused(fail("form", "the proof is of another kind"))
		}
		d := decoder{data: data, form: "form", at: len(tag(one.tag))}
		found, failed := n.judgeKind(one.kind, &d, asked)
		if failed != nil {
			return refused(failed)
		}
		return found
	}
	return refused(fail("form", "it does not begin as a proof does"))
}

func (n *Network) judgeKind(kind ProofKind, d *decoder, asked Question) (Proof, *failure) {
	switch kind {
	case ReceiptProof:
		return n.judgeReceiptBytes(d, asked.Sent)
	case WalletProof:
		return n.judgeWalletBytes(d, asked.Wallet)
	case SupplyProof:
		return n.judgeSupplyBytes(d)
	default:
		return n.judgeStatementBytes(d, asked.Wallet)
	}
}

const lineHead = `{"format":`

// bytesOfLine reads the JSON around a proof, which has one spelling; its line feed may be missing.
func bytesOfLine(file []byte) ([]byte, *failure) {
	text := bytes.TrimSuffix(file, []byte("\n"))
	for _, one := range proofTags {
		inside, begins := bytes.CutPrefix(text, []byte(lineHead+`"`+one.tag+`","proof":"`))
		encoded, ends := bytes.CutSuffix(inside, []byte(`"}`))
		if !begins || !ends {
			continue
		}
		// Strict refuses bits that encode nothing; without the check, line ends would be skipped.
		data := make([]byte, base64.StdEncoding.DecodedLen(len(encoded)))
		length, err := base64.StdEncoding.Strict().Decode(data, encoded)
		if err != nil || bytes.ContainsAny(encoded, "\r\n") {
			return nil, fail("form", "no base64, or another form of it than encoding gives")
		}
		data = data[:length]
		if !bytes.HasPrefix(data, []byte(tag(one.tag))) {
			return nil, fail("form", "the format in front is not that of the proof")
		}
		return data, nil
	}
	return nil, fail("form", `it is not of the form {"format":"…","proof":"…"}`)
}

func (n *Network) judgeReceiptBytes(d *decoder, sent []byte) (Proof, *failure) {
	leaf, index := d.sized(2*operationBytesMax), d.number(4)
	path := d.digests(d.count(32))
	block := d.blockProof()
	d.end("form")
	if d.failure != nil {
		return Proof{}, d.failure
	}
	var verdict Verdict
	if failed := n.checkLeaf(leaf, sent, &verdict); failed != nil {
		return Proof{}, failed
	}
	first, last, failed := n.checkChain(&block)
	if failed != nil {
		return Proof{}, failed
	}
	if failed := checkPlace(leaf, index, path, first); failed != nil {
		return Proof{}, failed
	}
	if failed := n.checkCertificates(&block, last); failed != nil {
		return Proof{}, failed
	}
	found := block.proof(ReceiptProof, first, last)
	verdict.Sealed, verdict.Height, verdict.BlockTime = found.Sealed, found.Height, found.BlockTime
	verdict.CertifiedHeight, verdict.Signers, verdict.GroupKey = found.CertifiedHeight, found.Signers, found.GroupKey
	found.Receipt = &verdict
	return found, nil
}

func (n *Network) judgeSupplyBytes(d *decoder) (Proof, *failure) {
	block := d.blockProof()
	d.end("form")
	if d.failure != nil {
		return Proof{}, d.failure
	}
	first, last, failed := n.checkBlock(&block)
	if failed != nil {
		return Proof{}, failed
	}
	if len(first.supply) != len(n.assets) {
		return Proof{}, fail("supply", "the header has not one supply for each asset of the genesis")
	}
	found := block.proof(SupplyProof, first, last)
	for i, code := range n.assets {
		found.Supply = append(found.Supply, Supply{code, first.supply[i]})
	}
	return found, nil
}
