package countersign

const (
	// No answer of the API is larger.
	receiptBytesMax   = 256 * 1024
	operationBytesMax = 64 * 1024
	headerBytesMax    = 1024
	membersMax        = 100
	suppliesMax       = 16
	// The largest whole number that every program counts exactly.
	counterMax = 1<<53 - 1
)

// The message Receipt of proto/countersign/v1/types.proto, and the messages inside it.
type receipt struct {
	leaf           []byte
	index          uint64
	path           [][]byte
	headers        [][]byte
	sealedHeader   *sealedHeader
	keyCertificate *keyCertificate
	finalization   []byte
	sealPending    bool
}

type sealedHeader struct {
	bytes, seal []byte
	view        *header
}

// A header, from its bytes or from the view of them: both have the same fields. Bytes are strings, which compare.
type header struct {
	headerFields
	supply []uint64
}

type headerFields struct {
	version, epoch, height, view, operationCount, walletCount, time, proposer uint64
	networkID, parentHash, operationsRoot, resultsRoot, stateRoot             string
}

type keyCertificate struct {
	bytes      []byte
	view       keyFields
	signatures []memberSignature
}

type keyFields struct {
	epoch, threshold                    uint64
	networkID, groupKey, transcriptHash string
}

type memberSignature struct {
	signer    uint64
	signature []byte
}

// parseText makes the checks 1.1 to 1.3.
func parseText(text []byte) (value, *failure) {
	tree, failed := parse(text, receiptBytesMax)
	if failed == nil && isLoose(text) {
		failed = fail("1.3", "a spelling that another one, a single bit away, could replace")
	}
	return tree, failed
}

// readReceipt makes the checks from 1.4 on.
func readReceipt(tree value) (*receipt, *failure) {
	var r fieldReader
	found := r.receipt(tree)
	pending := found.sealPending
	seal := (found.sealedHeader != nil) == !pending && (found.keyCertificate != nil) == !pending
	r.require("1.8", seal, "a seal and sealPending do not agree")
	r.require("1.8", (found.finalization != nil) == pending, "a finalization does not stand for a seal")
	if r.failure == nil && !pending {
		r.require("1.8", found.sealedHeader.view != nil, "the view of the sealed header is missing")
	}
	return &found, r.failure
}

func (r *fieldReader) receipt(v value) receipt {
	f := r.message(v, "leaf", "index", "path", "headers", "sealed_header", "key_certificate", "finalization", "seal_pending")
	found := receipt{
		leaf:    r.sized(f["leaf"], 1, 2*operationBytesMax),
		index:   r.whole(f["index"], 32),
		path:    r.sizedList(f["path"], 32, 32),
		headers: r.sizedList(f["headers"], 1, headerBytesMax),
	}
	if f["sealed_header"] != nil {
		found.sealedHeader = r.sealedHeader(f["sealed_header"])
	}
	if f["key_certificate"] != nil {
		found.keyCertificate = r.keyCertificate(f["key_certificate"])
	}
	if f["finalization"] != nil {
		found.finalization = r.sized(f["finalization"], 1, 256+membersMax*66)
	}
	found.sealPending = r.flag(f["seal_pending"])
	return found
}

func (r *fieldReader) sizedList(v value, least, most int) [][]byte {
	var found [][]byte
	for _, item := range r.list(v) {
		found = append(found, r.sized(item, least, most))
	}
	return found
}

func (r *fieldReader) sealedHeader(v value) *sealedHeader {
	f := r.message(v, "bytes", "seal", "header")
	found := sealedHeader{bytes: r.sized(f["bytes"], 1, headerBytesMax), seal: r.sized(f["seal"], 64, 64)}
	if f["header"] != nil {
		found.view = r.headerView(f["header"])
	}
	return &found
}

func (r *fieldReader) headerView(v value) *header {
	f := r.message(v, "version", "network_id", "epoch", "height", "view", "parent_hash", "operation_count",
		"operations_root", "results_root", "wallet_count", "state_root", "supply", "time", "proposer")
	var found header
	found.version = r.whole(f["version"], 32)
	found.networkID = string(r.bytes(f["network_id"]))
	found.epoch, found.height, found.view = r.whole(f["epoch"], 64), r.whole(f["height"], 64), r.whole(f["view"], 64)
	found.parentHash = string(r.bytes(f["parent_hash"]))
	found.operationCount = r.whole(f["operation_count"], 32)
	found.operationsRoot, found.resultsRoot = string(r.bytes(f["operations_root"])), string(r.bytes(f["results_root"]))
	found.walletCount = r.whole(f["wallet_count"], 64)
	found.stateRoot = string(r.bytes(f["state_root"]))
	for _, item := range r.list(f["supply"]) {
		found.supply = append(found.supply, r.whole(item, 64))
	}
	found.time, found.proposer = r.whole(f["time"], 64), r.whole(f["proposer"], 32)
	return &found
}

func (r *fieldReader) keyCertificate(v value) *keyCertificate {
	f := r.message(v, "bytes", "network_id", "epoch", "group_public_key", "threshold", "transcript_hash", "signatures")
	found := keyCertificate{bytes: r.bytes(f["bytes"])}
	found.view.networkID = string(r.bytes(f["network_id"]))
	found.view.epoch = r.whole(f["epoch"], 64)
	found.view.groupKey = string(r.bytes(f["group_public_key"]))
	found.view.threshold = r.whole(f["threshold"], 32)
	found.view.transcriptHash = string(r.bytes(f["transcript_hash"]))
	for _, item := range r.list(f["signatures"]) {
		one := r.message(item, "signer", "signature")
		found.signatures = append(found.signatures, memberSignature{
			signer: r.whole(one["signer"], 32), signature: r.sized(one["signature"], 64, 64),
		})
	}
	return &found
}
