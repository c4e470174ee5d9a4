package io.sluice.dataplane.os;

import java.util.function.Consumer;

/**
 * Requests to the kernel and their answers, one at a time, over a {@link Netlink} socket of its own.
 *
 * <p>One thread at a time.
 */
public final class RtnetlinkClient implements AutoCloseable {
    private static final int ANSWER_TIMEOUT_MS = 5_000;
    private static final int DUMP_ATTEMPTS = 20;
    private static final int ERROR_LENGTH = 4 + NetlinkMessages.HEADER_LENGTH;

    private final Netlink netlink;
    private final NetlinkMessages messages = new NetlinkMessages();
    private int sequence;

    /**
     * Takes over a socket that has joined no group.
     *
     * @param netlink closed with this
     */
    public RtnetlinkClient(final Netlink netlink) {
        this.netlink = netlink;
    }

    /**
     * Asks for one change and waits for the kernel's answer.
     *
     * @param what    for the message, such as {@code add address 10.0.0.1 to eth1}
     * @param request with {@link NetlinkRequest#ACKNOWLEDGE}
     * @throws NetlinkException if the kernel refuses; with its error number and words
     */
    public void change(final String what, final NetlinkRequest request) {
        ask(what, request, answer -> { });
    }

    /**
     * Asks for one thing and waits for the kernel's answer.
     *
     * @param what    for the message
     * @param request with {@link NetlinkRequest#ACKNOWLEDGE}
     * @param each    gets the messages of the answer
     * @throws NetlinkException if the kernel refuses; with its error number and words
     */
    public void ask(final String what, final NetlinkRequest request, final Consumer<NetlinkMessages> each) {
        netlink.send(request.finish(++sequence));
        collect(what, each);
    }

    /**
     * Asks for everything of a kind. A dump that a change interrupts is repeated, so what is collected must start over
     * whenever {@code restart} runs.
     *
     * @param what    for the message
     * @param request with {@link NetlinkRequest#DUMP}
     * @param restart runs before the first message of each attempt
     * @param each    gets every message
     * @throws NetlinkException if the kernel refuses
     */
    public void dump(final String what, final NetlinkRequest request, final Runnable restart, final Consumer<NetlinkMessages> each) {
        boolean whole = false;
        for (int attempt = 0; !whole && attempt < DUMP_ATTEMPTS; attempt++) {
            restart.run();
            netlink.send(request.finish(++sequence));
            whole = collect(what, each);
        }
        // A table that changes faster than it can be read: the last attempt is as good as any, and notifications follow.
    }

    private boolean collect(final String what, final Consumer<NetlinkMessages> each) {
        boolean whole = true;
        while (true) {
            final int received = receive(what);
            messages.over(netlink.buffer(), received);
            while (messages.next()) {
                if (messages.sequence() != sequence) {
                    continue;
                }
                whole &= (messages.flags() & Rtnetlink.NLM_F_DUMP_INTR) == 0;
                if (messages.type() == Rtnetlink.NLMSG_ERROR || messages.type() == Rtnetlink.NLMSG_DONE) {
                    throwIfRefused(what);
                    return whole;
                }
                each.accept(messages);
            }
        }
    }

    private int receive(final String what) {
        int received = netlink.receive();
        while (received == 0) {
            if (!netlink.await(ANSWER_TIMEOUT_MS)) {
                throw new NetlinkException("cannot " + what + ": the kernel gave no answer within " + ANSWER_TIMEOUT_MS + " ms", 0);
            }
            received = netlink.receive();
        }
        if (received == Netlink.OVERRUN) {
            throw new NetlinkException("cannot " + what + ": the answer did not fit the socket's buffer", Errno.ENOBUFS);
        }
        return received;
    }

    private void throwIfRefused(final String what) {
        final int error = messages.s32(0);
        if (error >= 0) {
            return;
        }
        final int fixed = messages.type() == Rtnetlink.NLMSG_ERROR ? ERROR_LENGTH : 4;
        final NetlinkAttributes attributes = messages.attributes(fixed);
        String words = "";
        while (attributes.next()) {
            if (attributes.type() == Rtnetlink.NLMSGERR_ATTR_MSG) {
                words = " (the kernel says: " + attributes.text() + ")";
            }
        }
        throw new NetlinkException("cannot " + what + words, -error);
    }

    @Override
    public void close() {
        netlink.close();
    }
}
