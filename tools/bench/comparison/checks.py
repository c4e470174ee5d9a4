"""Whether a contender really balances and translates: a figure of one that does not would mean nothing."""

import hashlib
import http.client
import json
import socket

from comparison import plan
from comparison.rig import KILOBYTE
from topology.process import wait_until


class WrongAnswer(Exception):
    """A contender did not do its work."""


class Overload(Exception):
    """A contender did its work, but not as much of it as it was given: its cost would be that of another load."""


def await_service(rig, contender, seconds=30):
    """Waits until HTTP gets through."""
    def served():
        try:
            return fetch(rig, contender, "/1k")
        except (OSError, http.client.HTTPException):
            return False
    wait_until(served, seconds, "the first answer through the load balancer")


def check(rig, contender):
    """HTTP content, both servers, who they see, a whole file, an echo by TCP and by UDP; raises WrongAnswer."""
    try:
        _expect(fetch(rig, contender, "/1k") == KILOBYTE.encode(), "the page /1k came back changed")
        answers = [fetch(rig, contender, "/who").decode().split() for _ in range(8)]
        servers = {contender.address} if contender.address in plan.SERVERS else set(plan.SERVERS)
        _expect({server for server, _ in answers} == servers, f"the servers that answered are not {servers}: {answers}")
        _expect({client for _, client in answers} <= contender.seen_as, f"the servers saw other clients than {contender.seen_as}: {answers}")
        with open(rig.path("server", "file"), "rb") as file:
            _expect(_digest(fetch(rig, contender, "/file")) == _digest(file.read()), "a file came back changed")
        _echo(rig, contender, socket.SOCK_STREAM)
        if contender.udp:
            _echo(rig, contender, socket.SOCK_DGRAM)
    except (OSError, http.client.HTTPException) as error:
        raise WrongAnswer(f"no answer: {error!r}") from error


def check_echo(rig, contender):
    """That it still lives, after a measure."""
    try:
        _echo(rig, contender, socket.SOCK_STREAM)
        if contender.udp:
            _echo(rig, contender, socket.SOCK_DGRAM)
    except OSError as error:
        raise WrongAnswer(f"after the measure: {error!r}") from error


def fetch(rig, contender, path):
    """The body of a page."""
    with rig.client:
        connection = http.client.HTTPConnection(contender.address, plan.HTTP, timeout=5)
        connection.connect()
    with connection.sock:
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read()
    _expect(answer.status == 200, f"GET {path}: status {answer.status}")
    return body


def check_iperf(text):
    """The decoded report of iperf3, if it transferred anything."""
    report = json.loads(text)
    _expect("error" not in report, f"iperf3: {report.get('error')}")
    _expect(report["end"]["sum_received"]["bytes"] > 0, "iperf3 received nothing")
    return report


def _echo(rig, contender, kind):
    with rig.client:
        sock = socket.socket(socket.AF_INET, kind)
    with sock:
        sock.settimeout(5)
        sock.connect((contender.address, plan.ECHO))
        sock.sendall(b"hello")
        _expect(sock.recv(100) == b"hello", "the echo is not what was sent")


def _digest(content):
    return hashlib.sha256(content).hexdigest()


def _expect(truth, otherwise):
    if not truth:
        raise WrongAnswer(otherwise)
