package countersign

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
)

const (
	headerTag         = "countersign/v1/header"
	keyCertificateTag = "countersign/v1/key-certificate"
	certificateTag    = "countersign/v1/certificate"
	finalizeTag       = "countersign/v1/finalize"

	// The members of a genesis are those of the first epoch.
	epoch = 1
	// Every 64th header is sealed at the latest; a node that caught up holds one finalization above all that it fetched.
	sealedHeadersMax  = 64 + 1
	pendingHeadersMax = 256 + 1
	declineReasons    = 8
	// Kinds of votes count from 0: notarize, nullify, finalize.
	finalizeKind = 2
)

func hash(parts ...[]byte) string {
	digest := sha256.New()
	for _, part := range parts {
		digest.Write(part)
	}
	return string(digest.Sum(nil))
}

// Judge checks the JSON of a receipt. The bytes that you sent are those of the operation that you signed: a receipt for
// something else proves something else, and is Invalid. If sent is nil, any operation will do; read the verdict's.
func (n *Network) Judge(text, sent []byte) Verdict {
	tree, failed := parseText(text)
	if failed != nil {
		return failed.verdict()
	}
	return n.judgeTree(tree, sent)
}

// JudgeAnswer also takes an answer of the API with a receipt in its field "receipt", as `countersign receipt get` prints it.
// It does not read the fields beside the receipt, which prove nothing: the verdict has what is proved.
func (n *Network) JudgeAnswer(text, sent []byte) Verdict {
	tree, failed := parseText(text)
	if failed != nil {
		return failed.verdict()
	}
	if answer, ok := tree.(object); ok {
		for _, one := range answer {
			if one.name == "receipt" {
				tree = one.value
			}
		}
	}
	return n.judgeTree(tree, sent)
}

func (n *Network) judgeTree(tree value, sent []byte) Verdict {
	found, failed := readReceipt(tree)
	if failed != nil {
		return failed.verdict()
	}
	var verdict Verdict
	if failed := n.check(found, sent, &verdict); failed != nil {
		return failed.verdict()
	}
	return verdict
}

func (n *Network) check(found *receipt, sent []byte, verdict *Verdict) *failure {
	if failed := n.checkLeaf(found.leaf, sent, verdict); failed != nil {
		return failed
	}
	chain, most := found.headers, pendingHeadersMax
	if !found.sealPending {
		chain, most = append(slices.Clip(chain), found.sealedHeader.bytes), sealedHeadersMax
	}
	headers, failed := n.checkHeaders(chain, most)
	if failed != nil {
		return failed
	}
	first, last := headers[0], headers[len(headers)-1]
	if failed := checkPlace(found.leaf, found.index, found.path, first); failed != nil {
		return failed
	}
	verdict.Sealed, verdict.Height, verdict.BlockTime = !found.sealPending, first.height, first.time
	verdict.CertifiedHeight = last.height
	if found.sealPending {
		votes, failed := readVotes(found.finalization)
		if failed != nil {
			return failed
		}
		verdict.Signers = len(votes.signatures)
		return n.checkVotes(votes, last, chain[len(chain)-1])
	}
	verdict.Signers = len(found.keyCertificate.signatures)
	verdict.GroupKey = []byte(found.keyCertificate.view.groupKey)
	return n.checkSeal(found, last)
}

// checkHeaders makes the checks of part 3; there is at least one header if they hold.
func (n *Network) checkHeaders(chain [][]byte, most int) ([]header, *failure) {
	if len(chain) < 1 || len(chain) > most {
		return nil, fail("3.1", fmt.Sprintf("%d headers where 1 to %d belong", len(chain), most))
	}
	var headers []header
	for _, data := range chain {
		one, failed := n.readHeader(data)
		if failed != nil {
			return nil, failed
		}
		headers = append(headers, one)
	}
	for i, above := range headers[1:] {
		if above.height != headers[i].height+1 {
			return nil, fail("3.4", "the heights do not ascend by one")
		}
		if above.parentHash != hash(chain[i]) {
			return nil, fail("3.5", "a header is not the child of the one before it")
		}
	}
	return headers, nil
}

func (n *Network) readHeader(data []byte) (header, *failure) {
	d := decoder{data: data, form: "3.2"}
	d.expect(tag(headerTag)+"\x00\x01", "3.2", "another tag or version than a header's")
	var found header
	found.version, found.networkID = 1, string(d.take(32))
	d.require("3.3", found.networkID == n.id, "a header is of another network")
	found.epoch, found.height, found.view = d.counter(), d.counter(), d.counter()
	found.parentHash = string(d.take(32))
	found.operationCount = d.number(4)
	found.operationsRoot, found.resultsRoot = string(d.take(32)), string(d.take(32))
	found.walletCount, found.stateRoot = d.counter(), string(d.take(32))
	for i := d.count(suppliesMax); i > 0; i-- {
		found.supply = append(found.supply, d.number(8))
	}
	found.time, found.proposer = d.counter(), d.number(2)
	d.end("3.2")
	return found, d.failure
}

// checkPlace makes the checks of part 4, by RFC 9162 section 2.1.3.2.
func checkPlace(leaf []byte, index uint64, path [][]byte, first header) *failure {
	if index >= first.operationCount {
		return fail("4.1", "the index is not in the tree")
	}
	number, last, digest := index, first.operationCount-1, hash([]byte{0}, leaf)
	for _, sibling := range path {
		if last == 0 {
			return fail("4.2", "the path is too long")
		}
		if number%2 == 1 || number == last {
			digest = hash([]byte{1}, sibling, []byte(digest))
			for number%2 == 0 && number != 0 {
				number, last = number>>1, last>>1
			}
		} else {
			digest = hash([]byte{1}, []byte(digest), sibling)
		}
		number, last = number>>1, last>>1
	}
	if last != 0 {
		return fail("4.2", "the path is too short")
	}
	if digest != first.resultsRoot {
		return fail("4.3", "the path does not lead to the header's results root")
	}
	return nil
}

// checkSeal makes the checks of part 5.
func (n *Network) checkSeal(found *receipt, last header) *failure {
	view := found.sealedHeader.view
	if view.headerFields != last.headerFields || !slices.Equal(view.supply, last.supply) {
		return fail("5.1", "the view of the sealed header is not what its bytes say")
	}
	if failed := n.checkKeyCertificate(found.keyCertificate); failed != nil {
		return failed
	}
	sealed := found.sealedHeader
	return checkGroupSeal(found.keyCertificate.view.groupKey, last, sealed.bytes, sealed.seal)
}

// checkGroupSeal makes the checks 5.11 and 5.12.
func checkGroupSeal(groupKey string, last header, lastBytes, seal []byte) *failure {
	if last.epoch > epoch {
		return fail("5.11", "the sealed header is of a later epoch than the key")
	}
	if !isSignature([]byte(groupKey), lastBytes, seal) {
		return fail("5.12", "the seal is not the group key's")
	}
	return nil
}

// checkKeyCertificate requires that a quorum of the members vouches for the group key.
func (n *Network) checkKeyCertificate(certificate *keyCertificate) *failure {
	body, failed := readKeyFields(certificate.bytes)
	if failed != nil {
		return failed
	}
	if failed := n.checkKeyFields(body); failed != nil {
		return failed
	}
	if body != certificate.view {
		return fail("5.7", "the view of the key certificate is not what its bytes say")
	}
	return n.checkSignatures(certificate.bytes, certificate.signatures, "5.8", "5.9", "5.10")
}

func readKeyFields(data []byte) (keyFields, *failure) {
	d := decoder{data: data, form: "5.2"}
	d.expect(tag(keyCertificateTag), "5.2", "another tag than a key certificate's")
	var body keyFields
	body.networkID, body.epoch = string(d.take(32)), d.counter()
	body.groupKey, body.threshold, body.transcriptHash = string(d.take(32)), d.number(2), string(d.take(32))
	d.end("5.2")
	return body, d.failure
}

// checkKeyFields makes the checks 5.3 to 5.6.
func (n *Network) checkKeyFields(body keyFields) *failure {
	switch {
	case body.networkID != n.id:
		return fail("5.3", "the key is of another network")
	case body.epoch != epoch:
		return fail("5.4", "the key is of another epoch")
	case body.threshold != uint64(n.quorum()):
		return fail("5.5", "the threshold is not the genesis' quorum")
	case !isPublicKey([]byte(body.groupKey)):
		return fail("5.6", "the group key is no point of prime order")
	}
	return nil
}

// Votes to finalize one header.
type finalization struct {
	epoch, view, height uint64
	blockHash           string
	signatures          []memberSignature
}

// readVotes makes check 6.1.
func readVotes(data []byte) (finalization, *failure) {
	d := decoder{data: data, form: "6.1"}
	d.expect(tag(certificateTag)+string(rune(finalizeKind)), "6.1", "no certificate of votes to finalize")
	found := finalization{epoch: d.counter(), view: d.counter(), height: d.counter(), blockHash: string(d.take(32))}
	d.require("6.1", found.view < counterMax && found.height < counterMax, "a view or height that has none after it")
	found.signatures = d.signatures()
	d.end("6.1")
	return found, d.failure
}

func (d *decoder) signatures() []memberSignature {
	var found []memberSignature
	for i := d.count(membersMax); i > 0; i-- {
		found = append(found, memberSignature{signer: d.number(2), signature: d.take(64)})
	}
	return found
}

// checkVotes makes the checks of part 6 from 6.2 on.
func (n *Network) checkVotes(votes finalization, last header, lastBytes []byte) *failure {
	same := votes.epoch == last.epoch && votes.view == last.view && votes.height == last.height
	if !same || votes.blockHash != hash(lastBytes) {
		return fail("6.2", "the votes are not about the last header")
	}
	if votes.epoch != epoch {
		return fail("6.3", "the votes are of another epoch")
	}
	message := []byte(tag(finalizeTag) + n.id)
	for _, number := range []uint64{votes.epoch, votes.view, votes.height} {
		message = appendU64(message, number)
	}
	message = append(message, votes.blockHash...)
	return n.checkSignatures(message, votes.signatures, "6.4", "6.5", "6.6")
}

// checkSignatures requires a quorum of members in ascending order. Every signature must be genuine.
func (n *Network) checkSignatures(message []byte, signatures []memberSignature, quorum, order, genuine string) *failure {
	if len(signatures) < n.quorum() {
		return fail(quorum, "fewer members signed than a quorum")
	}
	for i, one := range signatures {
		if i > 0 && one.signer <= signatures[i-1].signer {
			return fail(order, "the members do not ascend")
		}
		if one.signer >= uint64(len(n.members)) {
			return fail(order, "a signer is no member")
		}
	}
	for _, one := range signatures {
		member := n.members[one.signer]
		if !isSignature(member.identityKey, message, one.signature) {
			return fail(genuine, "the signature of "+member.id+" is not genuine")
		}
	}
	return nil
}

// quorum is n - f.
func (n *Network) quorum() int {
	return quorumOf(len(n.members))
}

func quorumOf(members int) int {
	return members - (members-1)/3
}

// ID is the network id in hexadecimal digits: compare it with one from a source that you trust.
func (n *Network) ID() string {
	return hex.EncodeToString([]byte(n.id))
}
