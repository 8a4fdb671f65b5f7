package mllp_test

import (
	"context"
	"fmt"
	"net"
	"strings"

	"github.com/ponshealth/pons/mllp"
)

func Example() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	server := &mllp.Server{Handler: mllp.HandlerFunc(func(ctx context.Context, b mllp.Block) ([]byte, error) {
		if b.Problem != nil {
			return nil, b.Problem // half a message is no message
		}
		return []byte("got " + string(b.Data)), nil
	})}
	ctx, stop := context.WithCancel(context.Background())
	stopped := make(chan error)
	go func() { stopped <- server.Serve(ctx, l) }()

	client := &mllp.Client{Addr: l.Addr().String()}
	for _, block := range []string{"MSH|1", "MSH|2"} {
		reply, err := client.Send(ctx, []byte(block))
		fmt.Printf("%s %v\n", reply, err)
	}
	client.Close()
	stop()
	fmt.Println(<-stopped)
	// Output:
	// got MSH|1 <nil>
	// got MSH|2 <nil>
	// <nil>
}

func ExampleReader() {
	stream := "noise\x0bMSH|1\x1c\r\x0bMSH|cut off\x0bMSH|2\x1c"
	r := mllp.NewReader(strings.NewReader(stream))
	for {
		block, err := r.Next()
		if block == nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%s %v\n", block, err)
	}
	// Output:
	// MSH|1 <nil>
	// MSH|cut off mllp: block is truncated
	// MSH|2 <nil>
	// EOF
}

func ExampleReader_bare() {
	r := mllp.NewReader(strings.NewReader("MSH|no start byte\x1c\r"))
	r.Bare = "MSH"
	block, err := r.Next()
	fmt.Printf("%s %v\n", block, err)
	// Output: MSH|no start byte <nil>
}

func ExampleAppend() {
	frame, err := mllp.Append(nil, []byte("MSH|1"))
	fmt.Printf("%q %v\n", frame, err)
	_, err = mllp.Append(nil, []byte("MSH|\x1c"))
	fmt.Println(err)
	// Output:
	// "\vMSH|1\x1c\r" <nil>
	// mllp: block holds a VT or FS byte, which the protocol cannot carry
}
