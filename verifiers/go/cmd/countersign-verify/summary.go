package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	countersign "countersign.example/verify"
)

// The reasons of check 2.5, from 1 on.
var declines = []string{
	"its block came after its deadline", "the wallet exists", "the wallet to be paid does not exist", "the assets differ",
	"the paying wallet held less", "the supply would exceed its bound", "the step was out of place",
	"its sponsor answers for as many wallets without money as it may",
}

// summary is for people. Every text from outside is quoted, in ASCII.
func summary(found finding) string {
	var out strings.Builder
	network, proof := found.network, found.proof
	if !proof.Valid() {
		reason := proof.Reason
		if proof.Check != "" {
			reason = "check " + proof.Check
		}
		line(&out, "proof", fmt.Sprintf("INVALID, proves nothing (%s: %s)", reason, proof.Problem))
		return out.String()
	}
	headline(&out, found)
	switch {
	case proof.Receipt != nil:
		describe(&out, network, *proof.Receipt)
	case proof.Wallet != nil:
		describeWallet(&out, network, proof)
	case proof.Kind == countersign.Absence:
		line(&out, "wallet", proof.WalletID.String()+" does not exist")
	default:
		for _, one := range proof.Supply {
			line(&out, "supply", money(network, one.Asset, one.Amount))
		}
	}
	line(&out, "block", fmt.Sprintf("height %d, %s", proof.Height, at(proof.BlockTime)))
	certified, by := "sealed", "by %d of %d members, at height %d"
	if !proof.Sealed {
		certified, by = "final", "by the votes of %d of %d members, at height %d"
	}
	line(&out, certified, fmt.Sprintf(by, proof.Signers, network.Members(), proof.CertifiedHeight))
	if proof.Sealed {
		line(&out, "group key", digits(proof.GroupKey))
	}
	line(&out, "network", network.ID())
	if found.neverMade != nil {
		line(&out, "payment", map[bool]string{true: "never made", false: "NOT RULED OUT by this file"}[*found.neverMade])
	}
	return out.String()
}

func headline(out *strings.Builder, found finding) {
	proof := found.proof
	certified := "sealed"
	if !proof.Sealed {
		certified = "final, seal pending"
	}
	outcome := map[bool]string{true: "SEAL PENDING, accepted only with --allow-pending", false: "valid"}[found.pending]
	if proof.Receipt == nil {
		line(out, string(proof.Kind), outcome+": "+certified)
		return
	}
	result := "applied"
	if reason := int(proof.Receipt.DeclineReason); reason > 0 && reason <= len(declines) {
		result = fmt.Sprintf("DECLINED, nothing changed (%s)", declines[reason-1])
	}
	line(out, "receipt", fmt.Sprintf("%s: %s, %s", outcome, result, certified))
}

func describe(out *strings.Builder, network *countersign.Network, verdict countersign.Verdict) {
	operation := verdict.Operation
	switch operation.Kind {
	case countersign.Transfer:
		line(out, "transfer", money(network, operation.Asset, operation.Amount))
		line(out, "from", operation.From.String())
		line(out, "to", operation.To.String())
		line(out, "id", operation.ID.String())
		if operation.Reference != nil {
			line(out, "reference", strconv.QuoteToASCII(*operation.Reference))
		}
	case countersign.WalletCreation:
		line(out, "creation", "wallet with "+money(network, operation.Asset, operation.Amount))
		line(out, "key", digits(operation.PublicKey))
		line(out, "creation id", operation.ID.String())
	case countersign.Cancellation:
		earliest, latest := network.Window(verdict)
		line(out, "cancelled", fmt.Sprintf("payments under this id are never made if valid until %s to %s", at(earliest), at(latest)))
		line(out, "from", operation.From.String())
		line(out, "id", operation.ID.String())
	default:
		line(out, "operation", fmt.Sprintf("step of the key ceremony (kind %d)", operation.Kind))
	}
}

func describeWallet(out *strings.Builder, network *countersign.Network, proof countersign.Proof) {
	wallet := proof.Wallet
	line(out, "wallet", proof.WalletID.String())
	line(out, "key", digits(wallet.PublicKey))
	if proof.Kind == countersign.StatementProof {
		line(out, "opening", fmt.Sprintf("%s after %d entries", money(network, wallet.Asset, proof.Opening.Balance), proof.Opening.Entries))
		for _, one := range proof.Entries {
			line(out, "entry", shownEntry(network, wallet.Asset, one))
		}
		line(out, "closing", fmt.Sprintf("%s after %d entries", money(network, wallet.Asset, wallet.Balance), wallet.Entries))
		return
	}
	line(out, "balance", money(network, wallet.Asset, wallet.Balance))
	line(out, "entries", fmt.Sprintf("%d, statement head %s", wallet.Entries, digits(wallet.StatementHead)))
}

func shownEntry(network *countersign.Network, asset string, one countersign.Entry) string {
	sign := "+"
	if one.Out {
		sign = "-"
	}
	shown := fmt.Sprintf("%d at height %d: %s%s, then %s", one.Number, one.Height, sign,
		money(network, asset, one.Amount), money(network, asset, one.Balance))
	if one.Operation != nil && one.Operation.Reference != nil {
		shown += ", reference " + strconv.QuoteToASCII(*one.Operation.Reference)
	}
	return shown
}

// money shows an amount with the point that the genesis gives its asset.
func money(network *countersign.Network, asset string, amount uint64) string {
	units := strconv.FormatUint(amount, 10)
	scale, known := network.Scale(asset)
	if !known {
		return fmt.Sprintf("%s minor units of %s, which the genesis does not name", units, strconv.QuoteToASCII(asset))
	}
	shown := units
	if scale > 0 {
		shown = strings.Repeat("0", max(0, scale+1-len(units))) + units
		shown = shown[:len(shown)-scale] + "." + shown[len(shown)-scale:]
	}
	return fmt.Sprintf("%s %s (%s minor units)", shown, asset, units)
}

// at shows milliseconds since 1970, exactly.
func at(ms uint64) string {
	const latest = 253402300799999
	if ms > latest {
		return fmt.Sprintf("%d ms since 1970", ms)
	}
	return time.UnixMilli(int64(ms)).UTC().Format("2006-01-02T15:04:05.000Z")
}
