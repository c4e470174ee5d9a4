"""Prints "ready", then one line of hex for every frame that a packet socket sees arriving, until its standard input ends.

usage: count.py INTERFACE
"""
import select
import socket
import sys

ETH_P_ALL = 3

with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL)) as packets:
    packets.bind((sys.argv[1], ETH_P_ALL))
    print("ready", flush=True)
    while True:
        readable, _, _ = select.select([packets, sys.stdin], [], [])
        if packets in readable:
            frame, address = packets.recvfrom(65536)
            if address[2] != socket.PACKET_OUTGOING:
                print(frame.hex(), flush=True)
        elif sys.stdin in readable and not sys.stdin.read(1):
            break
