package countersign

const (
	partBytesMax  = 16 * 1024
	sealedKind    = 0
	finalizedKind = 1
)

// A blockProof proves its first header, and with it the state after that block.
type blockProof struct {
	sealed bool
	// All headers; a sealed one is the last.
	headers [][]byte
	// Of a sealed one.
	seal        []byte
	certificate []byte
	body        keyFields
	signatures  []memberSignature
	// Of one under votes.
	votes finalization
}

// blockProof reads a block proof, its key certificate and its finalization included.
func (d *decoder) blockProof() blockProof {
	kind := d.number(1)
	d.require("form", kind <= finalizedKind, "a block is neither sealed nor final by votes")
	found := blockProof{sealed: kind == sealedKind}
	most := pendingHeadersMax
	if found.sealed {
		most = sealedHeadersMax - 1
	}
	for i := d.count(most); i > 0; i-- {
		found.headers = append(found.headers, d.sized(headerBytesMax))
	}
	if found.sealed {
		found.headers, found.seal = append(found.headers, d.sized(headerBytesMax)), d.take(64)
		found.certificate, found.signatures = d.sized(partBytesMax), d.signatures()
		var failed *failure
		found.body, failed = readKeyFields(found.certificate)
		d.requireRead(failed)
		return found
	}
	votes, failed := readVotes(d.sized(partBytesMax))
	d.requireRead(failed)
	for i := range votes.signatures[min(1, len(votes.signatures)):] {
		ascends := votes.signatures[i].signer < votes.signatures[i+1].signer
		d.require("form", ascends, "the members do not ascend")
	}
	found.votes = votes
	return found
}

// requireRead takes the failure of a part that has a decoder of its own.
func (d *decoder) requireRead(failed *failure) {
	if failed != nil {
		d.require("form", false, failed.problem)
	}
}

func (d *decoder) digests(count int) [][]byte {
	var found [][]byte
	for i := 0; i < count; i++ {
		found = append(found, d.take(32))
	}
	return found
}

// checkBlock makes all checks of a block proof.
func (n *Network) checkBlock(block *blockProof) (first, last header, failed *failure) {
	first, last, failed = n.checkChain(block)
	if failed == nil {
		failed = n.checkCertificates(block, last)
	}
	return first, last, failed
}

func (n *Network) checkChain(block *blockProof) (first, last header, failed *failure) {
	most := pendingHeadersMax
	if block.sealed {
		most = sealedHeadersMax
	}
	headers, failed := n.checkHeaders(block.headers, most)
	if failed != nil {
		return header{}, header{}, failed
	}
	return headers[0], headers[len(headers)-1], nil
}

func (n *Network) checkCertificates(block *blockProof, last header) *failure {
	lastBytes := block.headers[len(block.headers)-1]
	if !block.sealed {
		return n.checkVotes(block.votes, last, lastBytes)
	}
	if failed := n.checkKeyFields(block.body); failed != nil {
		return failed
	}
	if failed := n.checkSignatures(block.certificate, block.signatures, "5.8", "5.9", "5.10"); failed != nil {
		return failed
	}
	return checkGroupSeal(block.body.groupKey, last, lastBytes, block.seal)
}

// proof is what a block proof says that holds.
func (block *blockProof) proof(kind ProofKind, first, last header) Proof {
	found := Proof{
		Kind: kind, Sealed: block.sealed, Height: first.height, BlockTime: first.time, CertifiedHeight: last.height,
		Signers: len(block.votes.signatures),
	}
	if block.sealed {
		found.Signers, found.GroupKey = len(block.signatures), []byte(block.body.groupKey)
	}
	return found
}
