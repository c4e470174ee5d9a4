package io.sluice.dataplane.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import com.lmax.disruptor.BusySpinWaitStrategy;
import com.lmax.disruptor.EventPoller;
import com.lmax.disruptor.RingBuffer;
import io.sluice.dataplane.os.ReadySet;
import io.sluice.dataplane.os.ffm.FfmReadySet;
import io.sluice.dataplane.port.Burst;
import io.sluice.dataplane.port.FrameArena;
import io.sluice.dataplane.port.Frames;
import io.sluice.dataplane.port.PacketPort;
import io.sluice.dataplane.port.PortPoller;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReceiverTest {
    private final Frames frames = new Frames(FrameArena.allocate(256, 256), 1);
    private final Queue first = new Queue();
    private final Queue second = new Queue();
    private final List<PacketPort> ports = List.of(first, second);
    private final ReadyPorts ready = new ReadyPorts(2);
    private final RingBuffer<LaneEvent> ring = RingBuffer.createSingleProducer(LaneEvent::new, 2, new BusySpinWaitStrategy());
    private final EventPoller<LaneEvent> poller = ring.newPoller();
    private final Receiver receiver = new Receiver(ring, ports, ready, new Clock(), frames, null, () -> { });

    ReceiverTest() {
        ring.addGatingSequences(poller.getSequence());
    }

    @Test
    void shouldAskADrainedPortOnlyWhenItIsReadyAgain() throws Exception {
        first.frames = 3;
        assertThat(turn()).isEqualTo(3);
        assertThat(ready.isAnyReady()).isFalse();
        assertThat(turn()).isZero();
        assertThat(List.of(first.asked, second.asked)).containsExactly(1, 1);
        ready.all();
        second.frames = 1;
        assertThat(turn()).isEqualTo(1);
        assertThat(List.of(first.asked, second.asked)).containsExactly(2, 2);
    }

    @Test
    void shouldAskAllPortsAgainAfterAFullBurst() throws Exception {
        first.frames = Burst.CAPACITY + 5;
        second.frames = 7;
        assertThat(turn()).isEqualTo(Burst.CAPACITY);
        assertThat(ready.isAnyReady()).isTrue();
        assertThat(turn() + turn()).isEqualTo(12);
        assertThat(ready.isAnyReady()).isFalse();
    }

    @Test
    void shouldNotLetABusyPortKeepAnotherOut() throws Exception {
        first.frames = 10_000;
        second.frames = 1;
        turn();
        turn();
        assertThat(second.frames).isZero();
    }

    @Test
    void shouldTakeAPortWithoutADescriptorForReady() {
        try (PortPoller waiting = new PortPoller(ports)) {
            drain();
            waiting.await(0);
            ready.learn(waiting, 1);
            assertThat(ready.isReady(0) && ready.isReady(1)).isTrue();
        }
    }

    @Test
    void shouldAskAllPortsWhenNoneIsReadyAndNowAndThenInAnyCase() {
        try (Silent one = new Silent(); Silent another = new Silent(); PortPoller waiting = new PortPoller(List.of(one, another))) {
            waiting.await(0);
            drain();
            ready.learn(waiting, 0);
            assertThat(ready.isReady(0) && ready.isReady(1)).isTrue();
            int waits = 0;
            do {
                drain();
                ready.learn(waiting, 1);
                waits++;
            } while (!ready.isAnyReady());
            assertThat(waits).isBetween(10, 100);
            assertThat(ready.isReady(0) && ready.isReady(1)).isTrue();
        }
    }

    private void drain() {
        ready.drained(0);
        ready.drained(1);
    }

    private int turn() throws Exception {
        final int received = receiver.doWork();
        poller.poll((event, sequence, endOfBatch) -> {
            for (int i = 0; i < event.received().size(); i++) {
                frames.release(event.received().offset(i));
            }
            return true;
        });
        return received;
    }

    /** A port that has a number of frames. */
    private class Queue implements PacketPort {
        private int frames;
        private int asked;

        @Override
        public int poll(final Burst burst) {
            asked++;
            final int before = burst.size();
            while (frames > 0 && !burst.isFull()) {
                frames--;
                burst.add(ReceiverTest.this.frames.receive().take(), 60, 0);
            }
            return burst.size() - before;
        }

        @Override
        public void transmit(final Burst burst, final int i) {
            throw new UnsupportedOperationException();
        }

        @Override
        public int flush() {
            return 0;
        }

        @Override
        public int fileDescriptor() {
            return -1;
        }

        @Override
        public boolean isUp() {
            return true;
        }

        @Override
        public String name() {
            return "queue";
        }

        @Override
        public String kind() {
            return "memory";
        }

        @Override
        public long transmitFailures() {
            return 0;
        }

        @Override
        public long receiveFailures() {
            return 0;
        }

        @Override
        public void close() {
        }
    }
    /** One with a descriptor that is never ready. */
    private final class Silent extends Queue {
        private final ReadySet nothing = FfmReadySet.open();

        @Override
        public int fileDescriptor() {
            return nothing.fileDescriptor();
        }

        @Override
        public void close() {
            nothing.close();
        }
    }
}
