"""Segments that no kernel would send: every option of every one is the check's own."""

from kernellab.expect import expect, expect_client, expect_equal, expect_unknown
from kernellab.probe import mapped
from kernellab.rig import ask_by_hand
from kernellab.wiring import DEFERRED, DUAL_STACK, HANDMADE_IPV4, HANDMADE_IPV6, STRANGER_IPV4, STRANGER_IPV6
from raw import ACK, PSH, RST, SYN, ttm
from test_hostile import MalformedOptionTest

CLIENT4, CLIENT6 = ("198.51.100.7", 40112), ("2001:db8::7", 40112)
OTHER = ("203.0.113.9", 50000)
BROKEN = MalformedOptionTest.broken
# Of these only the length is wrong, for this kind: every kernel lets such a segment through to the carrier.
WRONG_LENGTH = ("length 7", "length 9", "length 16", "kind 253 with an IPv4 address")


def options_of_other_load_balancers(rig):
    """TOA and its descendants: kind 254 for both families, or 253 for IPv6."""
    for source, client, kind, shown in ((HANDMADE_IPV4, CLIENT4, 254, CLIENT4), (HANDMADE_IPV4, CLIENT6, 254, None),
                                        (HANDMADE_IPV4, CLIENT6, 253, None), (HANDMADE_IPV6, CLIENT6, 254, CLIENT6),
                                        (HANDMADE_IPV6, CLIENT6, 253, CLIENT6)):
        with rig.handmade(source) as connection:
            connection.handshake(ttm(*client, kind=kind))
            expect_client(ask_by_hand(connection), client, shown or (source, connection.ports[0]))


def third_ack_lost(rig):
    """The first data completes the handshake and brings the option."""
    for cookies in (1, 2):
        with rig.sysctl("ipv4/tcp_syncookies", cookies):
            for source, client in ((HANDMADE_IPV4, CLIENT4), (HANDMADE_IPV6, CLIENT6)):
                with rig.handmade(source) as connection:
                    connection.syn()
                    expect_client(ask_by_hand(connection, ttm(*client)), client)
            with rig.handmade(port=DUAL_STACK) as connection:
                connection.syn()
                expect_client(ask_by_hand(connection, ttm(*CLIENT4)), CLIENT4, mapped(CLIENT4))


def option_on_the_first_data_only(rig):
    """accept() may have come before it; getpeername() and getsockopt() know."""
    with rig.handmade() as connection:
        connection.handshake()
        answer = ask_by_hand(connection, ttm(*CLIENT4))
        expect_equal((CLIENT4, CLIENT4), (answer.client, answer.peer), "getsockopt() and getpeername()")
        expect(answer.accept in (CLIENT4, (HANDMADE_IPV4, connection.ports[0])), f"accept() gave {answer.accept}")


def deferred_accept_by_hand(rig):
    """The dropped ACK had the option too; the data has it again."""
    with rig.handmade(port=DEFERRED) as connection:
        connection.handshake(ttm(*CLIENT4))
        expect_client(ask_by_hand(connection, ttm(*CLIENT4)), CLIENT4)


def first_option_counts(rig):
    """Neither a second one in the segment, nor one on a later segment changes the client."""
    with rig.counting(duplicate=1), rig.handmade() as connection:
        connection.handshake(ttm(*CLIENT4) + ttm(*OTHER))
        expect_client(ask_by_hand(connection, ttm(*OTHER)), CLIENT4)
        expect_client(ask_by_hand(connection), CLIENT4)


def option_after_the_server_has_answered(rig):
    """Sluice has stopped inserting by then: this one is the client's own."""
    with rig.handmade() as connection:
        connection.handshake()
        expect_unknown(ask_by_hand(connection), rig.carrier.unknown, HANDMADE_IPV4)
        # The answer is acknowledged by the next segment, which the forged one follows.
        expect_unknown(ask_by_hand(connection), rig.carrier.unknown, HANDMADE_IPV4)
        expect_unknown(ask_by_hand(connection, ttm(*OTHER)), rig.carrier.unknown, HANDMADE_IPV4)


def stranger_on_the_same_wire(rig):
    """A sender that is not in the list."""
    for source in (STRANGER_IPV4, STRANGER_IPV6):
        with rig.counting(untrusted=1), rig.handmade(source) as connection:
            connection.handshake(ttm(*CLIENT4))
            expect_unknown(ask_by_hand(connection, ttm(*CLIENT4)), rig.carrier.unknown, source)


def option_on_a_syn(rig):
    """Says nothing about who completes the handshake."""
    with rig.handmade() as connection:
        connection.handshake(b"", syn_options=ttm(*OTHER))
        expect_unknown(ask_by_hand(connection), rig.carrier.unknown, HANDMADE_IPV4)


def option_on_a_reset(rig):
    """Ends the connection, and that is all; also where there is no connection."""
    with rig.counting(stored=0):
        with rig.handmade() as connection:
            connection.handshake()
            connection.send(RST | ACK, ttm(*OTHER))
        with rig.handmade() as connection:
            connection.send(RST, ttm(*OTHER))
    expect_served(rig)


def malformed_option_on_the_third_ack(rig):
    """Not believed, and no obstacle to a good one. New kernels drop some of these segments themselves."""
    with rig.counting(malformed=len(WRONG_LENGTH)):
        for name, options in BROKEN.items():
            with rig.handmade() as connection:
                connection.handshake(options)
                answer = ask_by_hand(connection, ttm(*OTHER))
                expect_equal((OTHER, OTHER), (answer.client, answer.peer), f"{name}: getsockopt() and getpeername()")


def malformed_option_on_data(rig):
    """The same on a later segment."""
    with rig.counting(malformed=len(WRONG_LENGTH)):
        for name, options in BROKEN.items():
            with rig.handmade() as connection:
                connection.handshake()
                connection.send(PSH | ACK, options, b"\n")
                connection.data(b"\n")  # where the kernel dropped it, this one fills the gap
                answer = ask_by_hand(connection, ttm(*OTHER))
                expect_equal((OTHER, OTHER), (answer.client, answer.peer), f"{name}: getsockopt() and getpeername()")


def malformed_option_where_none_belongs(rig):
    """On a SYN, on a reset, without a connection: nothing happens."""
    with rig.counting(stored=0):
        for options in BROKEN.values():
            for flags in (RST | ACK, ACK, PSH | ACK):
                with rig.handmade() as connection:
                    connection.send(flags, options)
            with rig.handmade() as connection:
                connection.send(SYN, options)
    expect_served(rig)


def expect_served(rig):
    """The guest goes on as before."""
    with rig.handmade() as connection:
        connection.handshake(ttm(*CLIENT4))
        expect_client(ask_by_hand(connection), CLIENT4)


CHECKS = [options_of_other_load_balancers, third_ack_lost, option_on_the_first_data_only, deferred_accept_by_hand,
          first_option_counts, option_after_the_server_has_answered, stranger_on_the_same_wire, option_on_a_syn, option_on_a_reset,
          malformed_option_on_the_third_ack, malformed_option_on_data, malformed_option_where_none_belongs]
