// One client library of Go's: clients LIBRARY URL. Prints a line for each event that it is given: its type, its id and its data,
// with a tab between them.
package main

import (
	"fmt"
	"net/http"
	"os"
	"time"

	launchdarkly "github.com/launchdarkly/eventsource"
	r3labs "github.com/r3labs/sse/v2"
	tmaxmax "github.com/tmaxmax/go-sse"
)

func show(kind, id, data string) {
	if kind == "" {
		kind = "message"
	}
	fmt.Printf("%s\t%s\t%s\n", kind, id, data)
}

func main() {
	url := os.Args[2]
	switch os.Args[1] {
	case "r3labs":
		client := r3labs.NewClient(url)
		for { // it ends for good after a clean end of the stream
			_ = client.SubscribeRaw(func(event *r3labs.Event) {
				if len(event.Data) > 0 { // what a stream ends with, a comment too, comes as an event without data
					show(string(event.Event), string(event.ID), string(event.Data))
				}
			})
			time.Sleep(500 * time.Millisecond)
		}
	case "tmaxmax":
		client := tmaxmax.Client{Backoff: tmaxmax.Backoff{InitialInterval: 500 * time.Millisecond, MaxRetries: 100}}
		request, err := http.NewRequest(http.MethodGet, url, http.NoBody)
		if err != nil {
			panic(err)
		}
		connection := client.NewConnection(request)
		connection.SubscribeToAll(func(event tmaxmax.Event) { show(event.Type, event.LastEventID, event.Data) })
		for { // so does this one
			_ = connection.Connect()
			time.Sleep(500 * time.Millisecond)
		}
	case "launchdarkly-go":
		stream, err := launchdarkly.Subscribe(url, "")
		if err != nil {
			panic(err)
		}
		for {
			select {
			case event := <-stream.Events:
				show(event.Event(), event.Id(), event.Data())
			case <-stream.Errors:
			}
		}
	}
}
