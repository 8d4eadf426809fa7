package countersign

import (
	"encoding/hex"
	"encoding/json"
	"strconv"
)

// The outcomes of a receipt: applied, or the reasons of check 2.5, from 1 on, as the contract names them.
var outcomes = []string{
	"applied", "expired", "walletExists", "unknownPayee", "assetMismatch", "insufficientFunds", "overflow",
	"ceremonyStepOutOfPlace", "sponsorQuotaUsed",
}

// facts are what a proof proves, under the names of test/vectors/proofs.json; numbers are text.
type facts struct {
	Kind            ProofKind `json:"kind"`
	Height          string    `json:"height"`
	CertifiedHeight string    `json:"certifiedHeight"`
	Sealed          bool      `json:"sealed"`

	OperationHash string        `json:"operationHash,omitempty"`
	Outcome       string        `json:"outcome,omitempty"`
	WalletID      string        `json:"walletId,omitempty"`
	Asset         string        `json:"asset,omitempty"`
	Balance       string        `json:"balance,omitempty"`
	Entries       any           `json:"entries,omitempty"`
	PublicKey     string        `json:"publicKey,omitempty"`
	StatementHead string        `json:"statementHead,omitempty"`
	Supply        []supplyFact  `json:"supply,omitempty"`
	Opening       *carriedFacts `json:"opening,omitempty"`
	Closing       *carriedFacts `json:"closing,omitempty"`
}

type supplyFact struct {
	Asset  string `json:"asset"`
	Amount string `json:"amount"`
}

type carriedFacts struct {
	Entries string `json:"entries"`
	Balance string `json:"balance"`
}

type entryFacts struct {
	Number        string `json:"number"`
	Height        string `json:"height"`
	Delta         string `json:"delta"`
	Balance       string `json:"balance"`
	OperationHash string `json:"operationHash"`
}

// Proves gives the facts as JSON, under the names of test/vectors/proofs.json; null if the file proves nothing.
func (p Proof) Proves() json.RawMessage {
	if !p.Valid() {
		return json.RawMessage("null")
	}
	found := facts{Kind: p.Kind, Height: decimal(p.Height), CertifiedHeight: decimal(p.CertifiedHeight), Sealed: p.Sealed}
	switch p.Kind {
	case ReceiptProof:
		found.OperationHash, found.Outcome = hex.EncodeToString(p.Receipt.OperationHash), outcomes[p.Receipt.DeclineReason]
	case Absence:
		found.WalletID = p.WalletID.String()
	case SupplyProof:
		for _, one := range p.Supply {
			found.Supply = append(found.Supply, supplyFact{one.Asset, decimal(one.Amount)})
		}
	case WalletProof:
		found.WalletID, found.Asset = p.WalletID.String(), p.Wallet.Asset
		found.Balance, found.Entries = decimal(p.Wallet.Balance), decimal(p.Wallet.Entries)
		found.PublicKey, found.StatementHead = hex.EncodeToString(p.Wallet.PublicKey), hex.EncodeToString(p.Wallet.StatementHead)
	case StatementProof:
		found.WalletID, found.Asset, found.Entries = p.WalletID.String(), p.Wallet.Asset, factsOf(p.Entries)
		found.Opening = &carriedFacts{decimal(p.Opening.Entries), decimal(p.Opening.Balance)}
		found.Closing = &carriedFacts{decimal(p.Wallet.Entries), decimal(p.Wallet.Balance)}
	}
	data, err := json.Marshal(found)
	if err != nil {
		// Only strings and a flag are in it.
		panic(err)
	}
	return data
}

func factsOf(entries []Entry) []entryFacts {
	found := make([]entryFacts, 0, len(entries))
	for _, one := range entries {
		delta := decimal(one.Amount)
		if one.Out {
			delta = "-" + delta
		}
		hash := hex.EncodeToString(one.OperationHash)
		found = append(found, entryFacts{decimal(one.Number), decimal(one.Height), delta, decimal(one.Balance), hash})
	}
	return found
}

func decimal(number uint64) string {
	return strconv.FormatUint(number, 10)
}
