"""Ordinary clients, through the running Sluice wherever that is possible."""

import re

from topology import plan

from kernellab.expect import expect, expect_client, expect_equal, expect_unknown
from kernellab.probe import PEER_BYTES, mapped, peer_bytes
from kernellab.rig import ask
from kernellab.wiring import DEFERRED, DUAL_STACK, GUEST_IPV4, GUEST_IPV6, PLAIN, PROBE, SAMPLE, STRANGER

_LOCAL = {plan.VIP_IPV4: plan.LOCAL_IPV4, plan.VIP_6TO4: plan.LOCAL_IPV4, plan.VIP_IPV6: plan.LOCAL_IPV6}
_UNTRUSTED = {plan.VIP_IPV4: plan.NARROW_IPV4, plan.VIP_6TO4: plan.NARROW_IPV4, plan.VIP_IPV6: plan.NARROW_IPV6}


def ipv4_client_of_an_ipv4_server(rig, port=PROBE):
    """4to4: everywhere."""
    for source in plan.CLIENTS_IPV4[:3]:
        answer, client = rig.ask(plan.VIP_IPV4, port, source=(source, 0))
        expect_client(answer, client)
        expect_equal(peer_bytes(client), answer.raw, "the 20 bytes")


def ipv6_client_of_an_ipv4_server(rig, port=PROBE):
    """6to4: by getsockopt() only."""
    for source in plan.CLIENTS_IPV6[:3]:
        answer, client = rig.ask(plan.VIP_6TO4, port, source=(source, 0))
        expect_client(answer, client, answer.accept)
        expect_equal(plan.LOCAL_IPV4, answer.accept[0], "accept()")
        expect_equal(peer_bytes(client), answer.raw, "the 20 bytes")


def ipv6_client_of_an_ipv6_server(rig, port=PROBE):
    """6to6: everywhere."""
    for source in plan.CLIENTS_IPV6[:3]:
        answer, client = rig.ask(plan.VIP_IPV6, port, source=(source, 0))
        expect_client(answer, client)


def dual_stack_listener(rig):
    """An AF_INET6 socket that takes IPv4 too."""
    answer, client = rig.ask(plan.VIP_IPV4, DUAL_STACK)
    expect_client(answer, client, mapped(client))
    answer, client = rig.ask(plan.VIP_6TO4, DUAL_STACK)
    expect_client(answer, client, answer.accept)
    expect_equal("::ffff:" + plan.LOCAL_IPV4, answer.accept[0], "accept()")
    answer, client = rig.ask(plan.VIP_IPV6, DUAL_STACK)
    expect_client(answer, client)


def sample_server(rig):
    """The program that users copy."""
    for vip in (plan.VIP_IPV4, plan.VIP_6TO4, plan.VIP_IPV6):
        with rig.client(vip, SAMPLE) as client:
            client.command("who?")
            seen = dict(re.findall(r"(\w+)=(\S+)", " ".join(client.read_line())))
        address, port = client.local
        shown = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
        expect_equal(shown, seen["ttm"], f"{vip}: ttm")
        if vip != plan.VIP_6TO4:
            expect_equal((shown, shown), (seen["accept"], seen["getpeername"]), f"{vip}: accept and getpeername")


def no_option(rig):
    """A trusted sender that says nothing: Sluice told not to insert."""
    with rig.counting(no_option=3):
        for vip, local in _LOCAL.items():
            expect_unknown(rig.ask(vip, PLAIN)[0], rig.carrier.unknown, local)


def direct_connection(rig):
    """A client that does not come through a load balancer."""
    for address in (GUEST_IPV4, GUEST_IPV6):
        answer, client = rig.ask(address, namespace=rig.lab.rs1)
        expect_unknown(answer, rig.carrier.unknown)
        expect_equal(client, answer.accept, "accept()")


def untrusted_sender(rig):
    """Options from a local address that is not in the list."""
    with rig.counting(untrusted=3):
        for vip, local in _UNTRUSTED.items():
            expect_unknown(rig.ask(vip, STRANGER)[0], rig.carrier.unknown, local)


def short_buffer(rig):
    """Room for less than 20 bytes: an error, and nothing behind the room is touched."""
    for port in (PROBE, PLAIN):
        with rig.client(plan.VIP_IPV4, port) as client:
            for room in (0, 1, 4, 16, 19):
                answer = ask(client, room)
                expect_equal(rig.carrier.short, answer.error, f"room for {room}: errno")
                expect(answer.changed <= room, f"room for {room}: {answer.changed} bytes were written")


def long_buffer(rig):
    """Room for more: 20 bytes all the same."""
    for room in (21, 24, 64, 128, 4095, 4096, 4097, 8192):
        answer, client = rig.ask(plan.VIP_6TO4, room=room)
        expect_equal((0, PEER_BYTES, PEER_BYTES), (answer.error, answer.length, answer.changed),
                     f"room for {room}: error, length and bytes changed")
        expect_equal(client, answer.client, "getsockopt()")


def syn_cookies(rig):
    """No half-open connection is kept: the third segment has to bring everything."""
    with rig.sysctl("ipv4/tcp_syncookies", 2):
        before = _cookies(rig)
        ipv4_client_of_an_ipv4_server(rig)
        ipv6_client_of_an_ipv4_server(rig)
        ipv6_client_of_an_ipv6_server(rig)
        dual_stack_listener(rig)
        expect(_cookies(rig) - before >= 12, "12 connections by cookies")


def deferred_accept(rig):
    """TCP_DEFER_ACCEPT: the kernel drops the third ACK and waits for data."""
    ipv4_client_of_an_ipv4_server(rig, DEFERRED)
    ipv6_client_of_an_ipv4_server(rig, DEFERRED)
    ipv6_client_of_an_ipv6_server(rig, DEFERRED)


def _cookies(rig):
    names, values = (line.split() for line in rig.guest.run("grep ^TcpExt: /proc/net/netstat").splitlines())
    return int(values[names.index("SyncookiesRecv")])


CHECKS = [ipv4_client_of_an_ipv4_server, ipv6_client_of_an_ipv4_server, ipv6_client_of_an_ipv6_server, dual_stack_listener,
          sample_server, no_option, direct_connection, untrusted_sender, short_buffer, long_buffer, syn_cookies, deferred_accept]
