"""Sends one frame and prints, as hex, every frame that comes back before the answer to a final ping of a neighbour.

usage: exchange.py INTERFACE FRAME_HEX PING_HEX

The ping is an ICMP echo request that the neighbour surely answers. A kernel answers in order, so when its reply is there,
whatever the frame was going to cause is there too: no timeouts, no sleeps. Exit status 3 if the reply never comes.
"""
import select
import socket
import sys
import time

ETH_P_ALL = 3
ICMP_ECHO_REPLY = 0


def is_reply_to(ping, frame):
    return (frame[12:14] == ping[12:14] and frame[23] == 1 and frame[34] == ICMP_ECHO_REPLY
            and frame[26:30] == ping[30:34] and frame[38:42] == ping[38:42])


def main():
    interface, first, ping = sys.argv[1], bytes.fromhex(sys.argv[2]), bytes.fromhex(sys.argv[3])
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL)) as packets:
        packets.bind((interface, ETH_P_ALL))
        packets.send(first)
        packets.send(ping)
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            if not select.select([packets], [], [], 0.1)[0]:
                continue
            frame, address = packets.recvfrom(65536)
            if address[2] == socket.PACKET_OUTGOING:
                continue
            if is_reply_to(ping, frame):
                return 0
            print(frame.hex(), flush=True)
    return 3


sys.exit(main())
