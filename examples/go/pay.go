// Pays between two custodial wallets with the client that buf generates. The node keeps their keys and signs; to keep a key
// yourself, and to check a receipt without trusting the node, follow docs/signing.md.
//
//	go run . -url https://127.0.0.1:7001 -ca ../../.countersign/ca.pem
package main

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"connectrpc.com/connect"

	countersignv1 "countersign.example/pay/gen/countersign/v1"
	"countersign.example/pay/gen/countersign/v1/countersignv1connect"
)

func main() {
	url := flag.String("url", "", "a node's client address, https://host:port")
	ca := flag.String("ca", "", "the authority of its certificate, PEM")
	tokenFile := flag.String("token-file", "", "a token of that node, if it wants one")
	flag.Parse()
	if err := run(*url, *ca, *tokenFile); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(url, ca, tokenFile string) error {
	if url == "" || ca == "" {
		return errors.New("name a node by -url, and the authority of its certificate by -ca; -h says more")
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	client, err := dial(url, ca, tokenFile)
	if err != nil {
		return err
	}
	alice, err := open(ctx, client, 1_000)
	if err != nil {
		return err
	}
	bob, err := open(ctx, client, 0)
	if err != nil {
		return err
	}
	// Chosen once for this payment: the same id again is the same payment, never a second one.
	payment := &countersignv1.Transfer{From: alice, To: bob, Amount: 25, Id: newID()}
	for range 2 {
		answer, err := pay(ctx, client, payment)
		if err != nil {
			return err
		}
		fmt.Printf("paid %d: %s\n", payment.Amount, answer.GetResult().GetStatus())
	}
	found, err := client.GetWallet(ctx, connect.NewRequest(&countersignv1.GetWalletRequest{Id: bob}))
	if err != nil {
		return err
	}
	fmt.Printf("bob holds %d\n", found.Msg.GetWallet().GetBalance())

	_, err = pay(ctx, client, &countersignv1.Transfer{From: alice, To: bob, Amount: 10_000, Id: newID()})
	fmt.Printf("refused: %s\n", reason(err))
	return nil
}

// dial makes a client of one node. Go speaks HTTP/2 to it by itself.
func dial(url, ca, tokenFile string) (countersignv1connect.LedgerServiceClient, error) {
	pem, err := os.ReadFile(ca)
	if err != nil {
		return nil, err
	}
	authorities := x509.NewCertPool()
	if !authorities.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s holds no certificate", ca)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = &tls.Config{RootCAs: authorities}
	var options []connect.ClientOption
	if tokenFile != "" {
		token, err := os.ReadFile(tokenFile)
		if err != nil {
			return nil, err
		}
		options = append(options, connect.WithInterceptors(showToken(strings.TrimSpace(string(token)))))
	}
	return countersignv1connect.NewLedgerServiceClient(&http.Client{Transport: transport}, url, options...), nil
}

func showToken(token string) connect.UnaryInterceptorFunc {
	return func(next connect.UnaryFunc) connect.UnaryFunc {
		return func(ctx context.Context, request connect.AnyRequest) (connect.AnyResponse, error) {
			request.Header().Set("authorization", "Bearer "+token)
			return next(ctx, request)
		}
	}
}

// open creates a wallet whose key the node keeps. A creation id makes the request safe to repeat.
func open(ctx context.Context, client countersignv1connect.LedgerServiceClient, balance uint64) (string, error) {
	request := connect.NewRequest(&countersignv1.WalletCreationRequest{CreationId: newID(), InitialBalance: balance})
	answer, err := client.WalletCreation(ctx, request)
	if err != nil {
		return "", err
	}
	return answer.Msg.GetWallet().GetId(), nil
}

// pay sends the same order until it is answered: a new id would pay again.
func pay(ctx context.Context, client countersignv1connect.LedgerServiceClient, payment *countersignv1.Transfer) (*countersignv1.TransactionResponse, error) {
	for attempt := 1; ; attempt++ {
		answer, err := client.Transaction(ctx, connect.NewRequest(&countersignv1.TransactionRequest{Transaction: payment}))
		if err == nil {
			return answer.Msg, nil
		}
		code := connect.CodeOf(err)
		isUnknown := code == connect.CodeUnavailable || code == connect.CodeDeadlineExceeded
		if !isUnknown || attempt == 5 {
			return nil, err
		}
	}
}

// reason is the stable name of a refusal, from the one detail that each carries.
func reason(err error) string {
	var refused *connect.Error
	if errors.As(err, &refused) {
		for _, detail := range refused.Details() {
			if value, err := detail.Value(); err == nil {
				if told, ok := value.(*countersignv1.ErrorDetail); ok {
					return told.GetReason()
				}
			}
		}
	}
	return fmt.Sprint(err)
}

// newID is a random UUID (RFC 9562, version 4).
func newID() string {
	id := make([]byte, 16)
	rand.Read(id)
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
}
