"""What checks are made of. A check that does not find what it expects raises AssertionError."""


def expect(condition, message):
    """The condition has to be true."""
    if not condition:
        raise AssertionError(message)


def expect_equal(expected, actual, what):
    """Both have to be the same."""
    if expected != actual:
        raise AssertionError(f"{what}: expected {expected}, got {actual}")


def expect_client(answer, client, shown=None):
    """getsockopt() names ``client`` in 20 bytes and no more; accept() and getpeername() give ``shown``, the client by default."""
    expect_equal((0, 20, 20), (answer.error, answer.length, answer.changed), f"{answer}: error, length and bytes changed")
    expect_equal(client, answer.client, "getsockopt()")
    shown = shown or client
    expect_equal((shown, shown), (answer.accept, answer.peer), "accept() and getpeername()")


def expect_unknown(answer, error, address=None):
    """getsockopt() fails with ``error`` and writes nothing; the other two give the same local address, of this host if given."""
    expect_equal(error, answer.error, f"{answer}: errno")
    expect_equal(0, answer.changed, "bytes changed")
    expect_equal(answer.accept, answer.peer, "accept() and getpeername()")
    if address:
        expect_equal(address, answer.accept[0], "accept()")
