package mllp_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"time"

	"github.com/ponshealth/pons/mllp"
)

// listening serves s on a free port until the end of an example.
func listening(s *mllp.Server) (addr string, stop func()) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- s.Serve(ctx, l) }()
	return l.Addr().String(), func() { cancel(); <-ended }
}

// answering is a handler that puts "AA|" before what came.
var answering = mllp.HandlerFunc(func(_ context.Context, b mllp.Block) ([]byte, error) {
	return append([]byte("AA|"), b.Data...), nil
})

// A receiver may answer late, twice, or for another block: Match finds the
// reply by what it names, in HL7 by comparing MSA-2 with MSH-10.
func ExampleClient() {
	addr, stop := listening(&mllp.Server{Handler: answering})
	defer stop()
	client := &mllp.Client{
		Addr:         addr,
		ReplyTimeout: 10 * time.Second,
		Match:        func(sent, reply []byte) bool { return bytes.HasSuffix(reply, sent) },
	}
	defer client.Close()
	reply, err := client.Send(context.Background(), []byte("MSH|1"))
	fmt.Printf("%s %v\n", reply, err)
	// Output: AA|MSH|1 <nil>
}

func ExampleClient_Pipeline() {
	addr, stop := listening(&mllp.Server{Handler: answering})
	defer stop()
	ctx := context.Background()
	p, err := (&mllp.Client{Addr: addr}).Pipeline(ctx, 16)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer p.Close()
	var calls []*mllp.Call
	for n := range 3 { // none waits for the reply to the one before
		call, err := p.Send(ctx, fmt.Appendf(nil, "MSH|%d", n))
		if err != nil {
			fmt.Println(err)
			return
		}
		calls = append(calls, call)
	}
	for _, call := range calls {
		reply, err := call.Reply(ctx)
		fmt.Printf("%s %v\n", reply, err)
	}
	// Output:
	// AA|MSH|0 <nil>
	// AA|MSH|1 <nil>
	// AA|MSH|2 <nil>
}

func ExampleClient_SendRetry() {
	addr, stop := listening(&mllp.Server{Handler: answering})
	defer stop()
	client := &mllp.Client{Addr: addr}
	defer client.Close()
	// Until it is there, or for a day: after 1 s, 2 s, 4 s... and then every minute.
	ctx, cancel := context.WithTimeout(context.Background(), 24*time.Hour)
	defer cancel()
	reply, err := client.SendRetry(ctx, []byte("MSH|1"), mllp.Backoff{})
	fmt.Printf("%s %v\n", reply, err)
	// Output: AA|MSH|1 <nil>
}

// With release 2 the sender hears of safe storage from the transport itself.
func ExampleServer_release2() {
	full := false
	addr, stop := listening(&mllp.Server{
		Release2: true,
		Handler: mllp.HandlerFunc(func(_ context.Context, b mllp.Block) ([]byte, error) {
			if full {
				return nil, mllp.ErrNotCommitted // the sender is told NAK
			}
			return []byte("stored"), nil
		}),
	})
	defer stop()
	client := &mllp.Client{Addr: addr, Release2: true}
	defer client.Close()
	for range 2 {
		reply, err := client.Send(context.Background(), []byte("MSH|1"))
		fmt.Printf("%q %v\n", reply, err)
		full = true
	}
	// Output:
	// "stored" <nil>
	// "" mllp: the receiver did not commit the block
}

// A server that lets in two senders by the names in their certificates, and
// takes up new files without being started again.
func ExampleTLSFiles() {
	files := &mllp.TLSFiles{
		Cert: "engine.pem", Key: "engine.key",
		CA:    "hospital-ca.pem",
		Allow: []string{"dns:lab.hospital.example", "dns:ris.hospital.example"},
	}
	config, err := files.Server()
	if err != nil {
		fmt.Println("no such files here")
		return
	}
	server := &mllp.Server{TLS: config, Handler: answering}
	_ = server
	// Output: no such files here
}

func ExampleWrite() {
	r, w := io.Pipe()
	go func() {
		mllp.Write(w, []byte("MSH|1")) // one call of w.Write
		w.Close()
	}()
	frame, err := io.ReadAll(r)
	fmt.Fprintf(os.Stdout, "%q %v\n", frame, err)
	// Output: "\vMSH|1\x1c\r" <nil>
}
