#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A TCP server behind Sluice that knows its clients. What to copy is get_client().

    python3 ttm_server.py --port 8000
    curl http://VIP:8000/
    accept=198.51.100.7:40112 getpeername=198.51.100.7:40112 ttm=198.51.100.7:40112

accept= and getpeername= are what every program sees; ttm= is what getsockopt() says, also for an IPv6 client whose connection
arrives over IPv4. Without the TTM carrier on this machine, or for a connection that did not come through the load balancer, the
first two are the other end of the connection and ttm= says why there is nothing else.

--udp answers datagrams with the address they came from, the client of a PROXY protocol header (ttm has no UDP), and the payload.
Needs Python 3.7 and nothing else.
"""
import argparse
import errno
import socket
import struct
import threading

TTM_SO_GET_PEER = 1345  # level IPPROTO_IP


def get_client(connection):
    """The (address, port) of the client of an accepted connection, as text and number.

    Raises OSError with errno ENOENT or ENOPROTOOPT if the load balancer named none.
    """
    peer = connection.getsockopt(socket.IPPROTO_IP, TTM_SO_GET_PEER, 20)
    family, = struct.unpack_from('=H', peer, 0)
    port, = struct.unpack_from('!H', peer, 2)
    return socket.inet_ntop(family, peer[4:8] if family == socket.AF_INET else peer[4:20]), port


FIRST_BYTES_SECONDS = 1.0  # how long we wait for a request before we answer without one


def text_of(address):
    """host:port, [host]:port; an IPv4 client of a dual-stack listener as IPv4."""
    host, port = address[0], address[1]
    if host.startswith('::ffff:') and '.' in host:
        host = host[len('::ffff:'):]
    return f'[{host}]:{port}' if ':' in host else f'{host}:{port}'


def client_text(connection):
    try:
        return text_of(get_client(connection))
    except OSError as error:
        return f'none({errno.errorcode.get(error.errno, error.errno)})'


def peer_text(connection):
    try:
        return text_of(connection.getpeername())
    except OSError:
        return 'none'


def serve_connection(connection, accepted, name):
    with connection:
        connection.settimeout(FIRST_BYTES_SECONDS)
        try:
            # Also gives the option a second chance: the load balancer repeats it on the first bytes.
            request = connection.recv(4096)
        except OSError:
            request = b''
        line = f'{name}accept={text_of(accepted)} getpeername={peer_text(connection)} ttm={client_text(connection)}\n'
        print(line, end='', flush=True)
        answer = line.encode()
        if request.startswith((b'GET ', b'HEAD ', b'POST ')):
            head = (f'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {len(answer)}\r\n'
                    'Connection: close\r\n\r\n').encode()
            answer = head if request.startswith(b'HEAD ') else head + answer
        try:
            connection.sendall(answer)
            # Closing while unread bytes are here would reset the connection and could take the answer with it.
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(4096):
                pass
        except OSError:
            pass  # the client is gone: nobody to tell


def serve_tcp(listener, name, count):
    served = 0
    while count == 0 or served < count:
        connection, accepted = listener.accept()
        threading.Thread(target=serve_connection, args=(connection, accepted, name)).start()
        served += 1


PROXY_SIGNATURE = b'\r\n\r\n\0\r\nQUIT\n'


def parse_proxy_header(datagram):
    """Client text and header length of a PROXY protocol version 2 prefix; ('none', 0) if there is none."""
    if len(datagram) < 16 or not datagram.startswith(PROXY_SIGNATURE) or datagram[12] >> 4 != 2:
        return 'none', 0
    total = 16 + struct.unpack_from('!H', datagram, 14)[0]
    if total > len(datagram):
        return 'none', 0
    command_and_family = datagram[12:14]
    if command_and_family == b'\x21\x12' and total >= 16 + 12:  # PROXY, UDP over IPv4
        host, port = socket.inet_ntop(socket.AF_INET, datagram[16:20]), struct.unpack_from('!H', datagram, 24)[0]
    elif command_and_family == b'\x21\x22' and total >= 16 + 36:  # PROXY, UDP over IPv6
        host, port = socket.inet_ntop(socket.AF_INET6, datagram[16:32]), struct.unpack_from('!H', datagram, 48)[0]
    else:
        return 'none', total
    return text_of((host, port)), total


def serve_udp(endpoint, name, count):
    served = 0
    while count == 0 or served < count:
        datagram, sender = endpoint.recvfrom(65536)
        client, header = parse_proxy_header(datagram)
        line = f'{name}from={text_of(sender)} proxy={client} bytes={len(datagram) - header}\n'
        print(line, end='', flush=True)
        try:
            endpoint.sendto(line.encode() + datagram[header:], sender)
        except OSError as error:
            print(f'cannot answer {text_of(sender)}: {error}', flush=True)
        served += 1


def open_socket(arguments):
    family = socket.AF_INET if arguments.family == 'ipv4' else socket.AF_INET6
    opened = socket.socket(family, socket.SOCK_DGRAM if arguments.udp else socket.SOCK_STREAM)
    if not arguments.udp:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, arguments.family == 'ipv6')
    try:
        opened.bind((arguments.bind or ('0.0.0.0' if family == socket.AF_INET else '::'), arguments.port))
        if not arguments.udp:
            opened.listen(1024)
    except OSError as error:
        raise SystemExit(f'ttm_server: cannot listen on port {arguments.port}: {error}')
    return opened


def main():
    parser = argparse.ArgumentParser(description='Answers every connection with the client it really has.')
    parser.add_argument('--port', type=int, default=8000)
    parser.add_argument('--family', choices=('dual', 'ipv4', 'ipv6'), default='dual')
    parser.add_argument('--bind', metavar='ADDRESS', help='of the family in use; every address if not given')
    parser.add_argument('--name', default='', help='put before every answer')
    parser.add_argument('--once', dest='count', action='store_const', const=1, default=0, help='end after one connection or datagram')
    parser.add_argument('--count', type=int, default=0, help='end after so many')
    parser.add_argument('--udp', action='store_true')
    arguments = parser.parse_args()
    opened = open_socket(arguments)
    print(f'listening on port {arguments.port}', flush=True)
    serve = serve_udp if arguments.udp else serve_tcp
    try:
        serve(opened, f'{arguments.name} ' if arguments.name else '', arguments.count)
    except KeyboardInterrupt:
        pass


if __name__ == '__main__':
    main()
