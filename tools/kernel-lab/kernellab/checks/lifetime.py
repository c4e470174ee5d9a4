"""Coming and going of the carrier, many connections, and what is left of them in the kernel."""

import errno
import re
import time

from topology import plan
from topology.process import wait_until

from kernellab.expect import expect, expect_client, expect_equal
from kernellab.rig import ask
from kernellab.traffic import Traffic
from kernellab.wiring import PROBE
from raw import ACK, SYN, ttm

RELOADS = 4
FLOOD = 6000
# The listener's backlog and the module's max_pending are 1024 each, in a cache of their own each; and some more.
FLOOD_BOUND = 2000
CONNECTIONS_PER_SECOND = 20
_TROUBLE = re.compile(r"warning|\bbug\b|oops|call trace|general protection|refcount_t|use-after-free|poison|redzone|kasan|ubsan"
                      r"|possible recursive|info: task|soft lockup|atomic|page allocation failure|out of memory|unregister_netdevice"
                      r"|leak", re.IGNORECASE)


def unloading_leaves_connections_alone(rig):
    """An open connection goes on, with the local address from then on; new ones have clients again after loading."""
    with rig.client(plan.VIP_IPV4) as client:
        expect_client(ask(client), client.local)
        rig.carrier.unload()
        try:
            answer = ask(client)
            expect_equal((errno.ENOPROTOOPT, plan.LOCAL_IPV4), (answer.error, answer.peer[0]), "errno and getpeername() without a carrier")
        finally:
            rig.carrier.load()
        answer = ask(client)
        expect_equal((rig.carrier.unknown, plan.LOCAL_IPV4), (answer.error, answer.peer[0]), "errno and getpeername() of an old connection")
    answer, client = rig.ask(plan.VIP_IPV4)
    expect_client(answer, client)


def reloading_under_traffic(rig):
    """Each connection sees its client or the local address, and none fails."""
    with Traffic(rig, coming_and_going=True).running() as traffic:
        for _ in range(RELOADS):
            rig.carrier.unload()
            rig.carrier.load()
            named = traffic.named
            wait_until(lambda named=named: traffic.named > named or traffic.troubles, 60, "a connection with a client after loading")
    answer, client = rig.ask(plan.VIP_IPV4)
    expect_client(answer, client)


def many_connections_without_a_leak(rig):
    """Each is told its client, and afterwards no object of the kernel is left for each of them."""
    warm_up = Traffic(rig, 300)
    warm_up.run(300)
    before = _objects(rig)
    traffic = Traffic(rig, rig.connections)
    traffic.run(60 + rig.connections / CONNECTIONS_PER_SECOND)
    expect_equal(rig.connections, traffic.named, "connections with a client")
    _expect_back(rig, before, rig.connections // 10)


def flood_of_half_open_connections(rig):
    """SYNs that nobody completes, and ACKs without a connection, all with options: memory stays bounded, and is given back."""
    with rig.sysctl("ipv4/tcp_synack_retries", 0):
        before, segments = _objects(rig), _segments(rig)
        with rig.handmade() as connection:
            for number in range(FLOOD):
                connection.ports = (1024 + number, PROBE)
                connection.send(SYN, ttm("198.51.100.9", number))
                connection.send(ACK, ttm("198.51.100.9", number), ack=number)
        _wait_for_flood(rig, segments)
        grown = _grown(before, _objects(rig))
        largest = max(grown, key=grown.get)
        expect(grown[largest] < FLOOD_BOUND, f"{grown[largest]} objects more in {largest}")
        # The flood may have taken the place where the third ACK's option waits for accept(): then the first data brings it.
        answer, client = rig.ask(plan.VIP_IPV4)
        expect_equal((client, client), (answer.client, answer.peer), "getsockopt() and getpeername() meanwhile")
        _expect_back(rig, before, FLOOD // 10)
    answer, client = rig.ask(plan.VIP_IPV4)
    expect_client(answer, client)


def no_warning_in_the_kernel_log(rig):
    """Since the carrier was loaded; also when every object of every cache is looked at once more."""
    rig.guest.run("for cache in /sys/kernel/slab/*/validate; do echo 1 >$cache; done")
    trouble = [line for line in rig.guest.run("dmesg").splitlines() if _TROUBLE.search(line)]
    expect(not trouble, "; ".join(trouble[:5]))


def _expect_back(rig, before, most):
    """Within a while no cache has grown by ``most`` objects; and kmemleak, where the kernel has it, has found nothing."""
    deadline = time.monotonic() + 60
    while True:
        grown = {name: count for name, count in _grown(before, _objects(rig)).items() if count >= most}
        if not grown:
            break
        expect(time.monotonic() < deadline, f"still more objects than before: {grown}")
        time.sleep(1)
    leaks = rig.guest.run("if [ -e /sys/kernel/debug/kmemleak ]; then echo scan >/sys/kernel/debug/kmemleak;"
                          " cat /sys/kernel/debug/kmemleak; fi")
    expect(not leaks, leaks)


def _wait_for_flood(rig, before):
    """Until more than half of it has arrived, and no more comes: what still waits to be looked at takes memory as well."""
    counts = [before]

    def is_over():
        time.sleep(0.5)
        counts.append(_segments(rig))
        return counts[-1] - before > FLOOD and counts[-1] == counts[-2]
    wait_until(is_over, 60, "more than half of the flood to arrive")


def _segments(rig):
    """TCP segments that the guest has received over IPv4."""
    names, values = (line.split() for line in rig.guest.run("grep ^Tcp: /proc/net/snmp").splitlines())
    return int(values[names.index("InSegs")])


def _objects(rig):
    """Objects in use by cache, after every cache has given back what it only holds in reserve."""
    lines = rig.guest.run("for cache in /sys/kernel/slab/*/shrink; do echo 1 >$cache; done; cat /proc/slabinfo").splitlines()
    return {words[0]: int(words[1]) for words in map(str.split, lines[2:])}


def _grown(before, after):
    return {name: count - before.get(name, 0) for name, count in after.items()}


CHECKS = [unloading_leaves_connections_alone, reloading_under_traffic, many_connections_without_a_leak,
          flood_of_half_open_connections, no_warning_in_the_kernel_log]
