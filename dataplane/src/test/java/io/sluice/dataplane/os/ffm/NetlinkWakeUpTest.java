package io.sluice.dataplane.os.ffm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.sun.management.ThreadMXBean;
import io.sluice.dataplane.os.Netlink;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A netlink socket needs no privilege; nothing is ever sent here. */
class NetlinkWakeUpTest {
    private static final int FOREVER_MS = 600_000;

    @Test
    void shouldEndTheNextAwaitAndOnlyThat() {
        try (Netlink netlink = NetlinkSocket.open(65_536)) {
            netlink.wakeUp();
            netlink.wakeUp();
            assertThat(netlink.await(FOREVER_MS)).isFalse();
            assertThat(netlink.await(0)).isFalse();
            netlink.wakeUp();
            assertThat(netlink.await(FOREVER_MS)).isFalse();
            assertThat(netlink.receive()).isZero();
        }
    }

    @Test
    @Timeout(60)
    void shouldStillWakeAfterManyThreadsSignalledAtOnce() throws InterruptedException {
        final Thread[] signallers = new Thread[4];
        try (Netlink netlink = NetlinkSocket.open(65_536)) {
            for (int i = 0; i < signallers.length; i++) {
                signallers[i] = Thread.ofPlatform().start(() -> {
                    for (int round = 0; round < 2_000; round++) {
                        netlink.wakeUp();
                    }
                });
            }
            for (final Thread signaller : signallers) {
                while (signaller.isAlive()) {
                    netlink.await(1);
                }
                signaller.join();
            }
            // A signal lost between flag and descriptor would make this one wait for ever.
            netlink.wakeUp();
            assertThat(netlink.await(FOREVER_MS)).isFalse();
        }
    }

    @Test
    void shouldDoNothingAfterClose() {
        final Netlink netlink = NetlinkSocket.open(65_536);
        netlink.close();
        assertThatCode(netlink::wakeUp).doesNotThrowAnyException();
        assertThatCode(netlink::close).doesNotThrowAnyException();
    }

    @Test
    void shouldAllocateNothingOnceCompiled() {
        final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        final NetlinkWakeUp wakeUp = new NetlinkWakeUp();
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 20 && least > 0; round++) {
            final long before = threads.getCurrentThreadAllocatedBytes();
            signalMany(wakeUp);
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        assertThat(least).isZero();
        wakeUp.close();
    }

    private static void signalMany(final NetlinkWakeUp wakeUp) {
        for (int i = 0; i < 20_000; i++) {
            wakeUp.signal();
            wakeUp.drain();
        }
    }
}
