// An echo server of Go's gorilla/websocket, to compare with; prints its port.
package main

import (
	"fmt"
	"net"
	"net/http"
	"sync"

	"github.com/gorilla/websocket"
)

var (
	upgrader = websocket.Upgrader{}
	members  = map[*websocket.Conn]*sync.Mutex{}
	lock     sync.RWMutex
)

func publish(kind int, message []byte) {
	prepared, err := websocket.NewPreparedMessage(kind, message)
	if err != nil {
		return
	}
	lock.RLock()
	defer lock.RUnlock()
	for member, writing := range members {
		writing.Lock()
		member.WritePreparedMessage(prepared)
		writing.Unlock()
	}
}

func serve(writer http.ResponseWriter, request *http.Request) {
	connection, err := upgrader.Upgrade(writer, request, nil)
	if err != nil {
		return
	}
	defer connection.Close()
	isFanout := request.URL.Path == "/fanout"
	if isFanout {
		lock.Lock()
		members[connection] = &sync.Mutex{}
		lock.Unlock()
		defer func() {
			lock.Lock()
			delete(members, connection)
			lock.Unlock()
		}()
	}
	for {
		kind, message, err := connection.ReadMessage()
		if err != nil {
			return
		}
		if isFanout {
			publish(kind, message)
		} else if connection.WriteMessage(kind, message) != nil {
			return
		}
	}
}

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	http.Serve(listener, http.HandlerFunc(serve))
}
