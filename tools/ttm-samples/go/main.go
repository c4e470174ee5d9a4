// SPDX-License-Identifier: Apache-2.0

// A TCP server behind Sluice that knows its clients. What to copy is clientOf.
//
//	go run main.go --port 8000
//	curl http://VIP:8000/
//	accept=198.51.100.7:40112 getpeername=198.51.100.7:40112 ttm=198.51.100.7:40112
//
// accept= and getpeername= are what every program sees; ttm= is what getsockopt() says, also for an IPv6 client whose connection
// arrives over IPv4. Without the TTM carrier on this machine, or for a connection that did not come through the load balancer, the
// first two are the other end of the connection and ttm= says why there is nothing else.
//
// --udp answers datagrams with the address they came from, the client of a PROXY protocol header (ttm has no UDP), and the payload.
// Needs Go 1.18 and nothing else.
package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"strconv"
	"sync"
	"syscall"
	"time"
	"unsafe"
)

const ttmGetPeer = 1345 // TTM_SO_GET_PEER, level IPPROTO_IP

// clientOf returns the client of an accepted connection. The error is syscall.ENOENT or syscall.ENOPROTOOPT if the load balancer
// named none.
func clientOf(connection *net.TCPConn) (netip.AddrPort, error) {
	raw, err := connection.SyscallConn()
	if err != nil {
		return netip.AddrPort{}, err
	}
	var answer *syscall.IPv6Mreq // the one answer of the standard library that has room for our 20 bytes
	var failure error
	err = raw.Control(func(fd uintptr) {
		answer, failure = syscall.GetsockoptIPv6Mreq(int(fd), syscall.IPPROTO_IP, ttmGetPeer)
	})
	if err == nil {
		err = failure
	}
	if err != nil {
		return netip.AddrPort{}, err
	}
	peer := (*struct { // struct ttm_peer
		family  uint16
		port    [2]byte // network order, as the address
		address [16]byte
	})(unsafe.Pointer(answer))
	port := binary.BigEndian.Uint16(peer.port[:])
	if peer.family == syscall.AF_INET {
		return netip.AddrPortFrom(netip.AddrFrom4(*(*[4]byte)(peer.address[:4])), port), nil
	}
	return netip.AddrPortFrom(netip.AddrFrom16(peer.address), port), nil
}

const firstBytesWait = time.Second // how long we wait for a request before we answer without one

type settings struct {
	family string
	bind   string
	name   string
	port   int
	count  int // connections or datagrams until we end; 0 is for ever
	udp    bool
}

// text writes host:port, [host]:port; an IPv4 client of a dual-stack listener as IPv4.
func text(address netip.AddrPort) string {
	return netip.AddrPortFrom(address.Addr().Unmap(), address.Port()).String()
}

func clientText(connection *net.TCPConn) string {
	client, err := clientOf(connection)
	switch {
	case err == nil:
		return text(client)
	case errors.Is(err, syscall.ENOENT):
		return "none(ENOENT)"
	case errors.Is(err, syscall.ENOPROTOOPT):
		return "none(ENOPROTOOPT)"
	}
	return "none(" + err.Error() + ")"
}

// peerText asks anew: RemoteAddr() is what accept() returned.
func peerText(connection *net.TCPConn) string {
	peer := "none"
	raw, err := connection.SyscallConn()
	if err != nil {
		return peer
	}
	raw.Control(func(fd uintptr) {
		address, _ := syscall.Getpeername(int(fd))
		switch end := address.(type) {
		case *syscall.SockaddrInet4:
			peer = text(netip.AddrPortFrom(netip.AddrFrom4(end.Addr), uint16(end.Port)))
		case *syscall.SockaddrInet6:
			peer = text(netip.AddrPortFrom(netip.AddrFrom16(end.Addr), uint16(end.Port)))
		}
	})
	return peer
}

func serveConnection(connection *net.TCPConn, name string) {
	defer connection.Close()
	// Also gives the option a second chance: the load balancer repeats it on the first bytes.
	request := make([]byte, 4096)
	connection.SetReadDeadline(time.Now().Add(firstBytesWait))
	length, _ := connection.Read(request)
	request = request[:length]

	accepted := connection.RemoteAddr().(*net.TCPAddr).AddrPort()
	line := fmt.Sprintf("%saccept=%s getpeername=%s ttm=%s\n", name, text(accepted), peerText(connection), clientText(connection))
	fmt.Print(line)
	head := ""
	headOnly := bytes.HasPrefix(request, []byte("HEAD "))
	if headOnly || bytes.HasPrefix(request, []byte("GET ")) || bytes.HasPrefix(request, []byte("POST ")) {
		head = fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\nConnection: close\r\n\r\n", len(line))
	}
	if headOnly {
		line = ""
	}
	io.WriteString(connection, head+line)
	// Closing while unread bytes are here would reset the connection and could take the answer with it.
	connection.CloseWrite()
	connection.SetReadDeadline(time.Now().Add(firstBytesWait))
	io.Copy(io.Discard, connection)
}

func serveTCP(listener *net.TCPListener, settings settings) {
	var open sync.WaitGroup
	for served := 0; settings.count == 0 || served < settings.count; {
		connection, err := listener.AcceptTCP()
		if err != nil {
			fmt.Fprintln(os.Stderr, "ttm-server:", err)
			time.Sleep(firstBytesWait)
			continue
		}
		served++
		open.Add(1)
		go func() {
			defer open.Done()
			serveConnection(connection, settings.name)
		}()
	}
	open.Wait()
}

var proxySignature = []byte("\r\n\r\n\x00\r\nQUIT\n")

// parseProxyHeader returns the client text and the header length of a PROXY protocol version 2 prefix; "none" and 0 if there is none.
func parseProxyHeader(datagram []byte) (string, int) {
	if len(datagram) < 16 || !bytes.HasPrefix(datagram, proxySignature) || datagram[12]>>4 != 2 {
		return "none", 0
	}
	total := 16 + int(binary.BigEndian.Uint16(datagram[14:]))
	if total > len(datagram) {
		return "none", 0
	}
	addressLength := 0
	switch command, family := datagram[12], datagram[13]; {
	case command == 0x21 && family == 0x12: // PROXY, UDP over IPv4
		addressLength = 4
	case command == 0x21 && family == 0x22: // PROXY, UDP over IPv6
		addressLength = 16
	}
	if addressLength == 0 || total < 16+2*addressLength+4 {
		return "none", total
	}
	address, _ := netip.AddrFromSlice(datagram[16 : 16+addressLength])
	return text(netip.AddrPortFrom(address, binary.BigEndian.Uint16(datagram[16+2*addressLength:]))), total
}

func serveUDP(endpoint *net.UDPConn, settings settings) {
	datagram := make([]byte, 65536)
	for served := 0; settings.count == 0 || served < settings.count; {
		length, from, err := endpoint.ReadFromUDPAddrPort(datagram)
		if err != nil {
			continue // an error of an earlier answer
		}
		served++
		client, header := parseProxyHeader(datagram[:length])
		line := fmt.Sprintf("%sfrom=%s proxy=%s bytes=%d\n", settings.name, text(from), client, length-header)
		fmt.Print(line)
		endpoint.WriteToUDPAddrPort(append([]byte(line), datagram[header:length]...), from)
	}
}

func parseFlags() settings {
	var settings settings
	once := flag.Bool("once", false, "end after one connection or datagram")
	flag.IntVar(&settings.port, "port", 8000, "where to listen")
	flag.StringVar(&settings.family, "family", "dual", "dual, ipv4 or ipv6")
	flag.StringVar(&settings.bind, "bind", "", "an address of the family in use; every address if not given")
	flag.StringVar(&settings.name, "name", "", "put before every answer")
	flag.IntVar(&settings.count, "count", 0, "end after so many")
	flag.BoolVar(&settings.udp, "udp", false, "answer datagrams")
	flag.Parse()
	if *once {
		settings.count = 1
	}
	if settings.name != "" {
		settings.name += " "
	}
	return settings
}

func main() {
	settings := parseFlags()
	suffix, known := map[string]string{"dual": "", "ipv4": "4", "ipv6": "6"}[settings.family]
	if !known || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	address := net.JoinHostPort(settings.bind, strconv.Itoa(settings.port))
	if settings.udp {
		endpoint, err := net.ListenPacket("udp"+suffix, address)
		failOn(err)
		fmt.Println("listening on port", settings.port)
		serveUDP(endpoint.(*net.UDPConn), settings)
		return
	}
	listener, err := net.Listen("tcp"+suffix, address)
	failOn(err)
	fmt.Println("listening on port", settings.port)
	serveTCP(listener.(*net.TCPListener), settings)
}

func failOn(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "ttm-server:", err)
		os.Exit(1)
	}
}
