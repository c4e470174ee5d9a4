"""Many ordinary connections at once, each of which has to be told who it is."""

import contextlib
import errno
import itertools
import threading
import time

from topology import plan

from kernellab.rig import ask

THREADS = 24
# VIP, clients' addresses, whether accept() and getpeername() show them.
_KINDS = ((plan.VIP_IPV4, plan.CLIENTS_IPV4, True), (plan.VIP_6TO4, plan.CLIENTS_IPV6, False), (plan.VIP_IPV6, plan.CLIENTS_IPV6, True))
_LOCAL = {plan.VIP_IPV4: plan.LOCAL_IPV4, plan.VIP_6TO4: plan.LOCAL_IPV4, plan.VIP_IPV6: plan.LOCAL_IPV6}


class Traffic:
    """Connections of all three kinds in turn, from several threads: ``most`` of them, or until told to stop. ``named``: how many
    saw their client.

    ``coming_and_going``: the carrier does, so the local address is right too, with the error that goes with it.
    """

    def __init__(self, rig, most=None, coming_and_going=False):
        self._rig = rig
        self._numbers = iter(range(most)) if most else itertools.count()
        self._coming_and_going = coming_and_going
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._work) for _ in range(THREADS)]
        self.named = 0
        self.troubles = []

    def run(self, seconds):
        """Makes all connections; AssertionError if one went wrong or the time is up."""
        deadline = time.monotonic() + seconds
        with self.running():
            for thread in self._threads:
                thread.join(max(0, deadline - time.monotonic()))

    @contextlib.contextmanager
    def running(self):
        """Makes connections while the block runs; AssertionError at its end if one went wrong."""
        for thread in self._threads:
            thread.start()
        try:
            yield self
        finally:
            self._stop.set()
            for thread in self._threads:
                thread.join()
        if self.troubles:
            raise AssertionError(f"{len(self.troubles)} connections went wrong, the first one: {self.troubles[0]}")

    def _work(self):
        while not self._stop.is_set():
            with self._lock:
                number = next(self._numbers, None)
            if number is None:
                return
            vip, sources, shown = _KINDS[number % len(_KINDS)]
            try:
                with self._rig.client(vip, source=(sources[number // len(_KINDS) % len(sources)], 0)) as client:
                    self._judge(ask(client), client.local, _LOCAL[vip], shown)
            except (OSError, ValueError, KeyError) as error:
                self.troubles.append(f"connection {number} to {vip}: {error}")
                self._stop.set()

    def _judge(self, answer, client, local, shown):
        """Each of the three calls has to give the client or, where that is right too, nothing."""
        def is_right(endpoint):
            return (not shown or self._coming_and_going) if endpoint[0] == local else shown and endpoint == client
        named = answer.error == 0 and answer.client == client
        absent = self._coming_and_going and answer.error in (errno.ENOPROTOOPT, self._rig.carrier.unknown)
        if not (named or absent) or not is_right(answer.accept) or not is_right(answer.peer):
            self.troubles.append(f"{client}: {answer}")
            self._stop.set()
        with self._lock:
            self.named += named
