package io.sluice.dataplane.port.pcap;

import io.sluice.dataplane.port.Burst;
import io.sluice.dataplane.port.Frames;
import io.sluice.dataplane.port.PacketPort;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * A port between capture files: receives the frames of one, writes what is sent to another.
 *
 * <p>The files know nothing of offloads: every frame received is plain, and a super-frame or a partial checksum is written
 * as it is. For conversations over two ports, {@link #nextTimeNs} and {@link #pollUntil} keep the frames of both in order.
 *
 * <p>Reading and writing files is I/O: this port is for tests and tools, which run on one thread.
 */
public final class PcapPort implements PacketPort {
    private final AtomicLong receiveFailures = new AtomicLong();
    private final AtomicLong transmitFailures = new AtomicLong();
    private final String name;
    private final int index;
    private final Frames frames;
    private final PcapReader in;
    private final PcapWriter out;
    private final LongSupplier timeNs;
    private long untilNs = Long.MAX_VALUE;
    private int queued;

    /**
     * A port between files, which it closes with itself.
     *
     * @param name   for messages
     * @param index  of this port in its lane's list of ports
     * @param frames the lane's frames
     * @param in     what to receive, or null for nothing
     * @param out    where to send to, or null for nowhere
     * @param timeNs the time that frames are sent at, in nanoseconds since 1970
     */
    public PcapPort(final String name, final int index, final Frames frames, final PcapReader in, final PcapWriter out,
                    final LongSupplier timeNs) {
        this.name = name;
        this.index = index;
        this.frames = frames;
        this.in = in;
        this.out = out;
        this.timeNs = timeNs;
    }

    /**
     * When the next frame to receive was captured.
     *
     * @return nanoseconds since 1970, or {@link Long#MAX_VALUE} at the end
     */
    public long nextTimeNs() {
        return in != null && in.hasFrame() ? in.timeNs() : Long.MAX_VALUE;
    }

    /**
     * Holds back frames that were captured later than a time.
     *
     * @param limitNs nanoseconds since 1970; at the beginning there is no limit
     */
    public void pollUntil(final long limitNs) {
        untilNs = limitNs;
    }

    @Override
    public int poll(final Burst burst) {
        int count = 0;
        while (!burst.isFull() && nextTimeNs() <= untilNs && nextTimeNs() != Long.MAX_VALUE) {
            if (in.length() > frames.arena().capacity()) {
                receiveFailures.setOpaque(receiveFailures.getPlain() + 1);
            } else {
                final long offset = frames.receive().take();
                if (offset < 0) {
                    return count;
                }
                in.copyTo(frames.arena().memory(), offset);
                burst.add(offset, in.length(), index);
                count++;
            }
            in.advance();
        }
        return count;
    }

    @Override
    public void transmit(final Burst burst, final int i) {
        if (out == null) {
            transmitFailures.setOpaque(transmitFailures.getPlain() + 1);
        } else {
            out.write(frames.arena().memory(), burst.offset(i), burst.length(i), timeNs.getAsLong());
            queued++;
        }
        frames.release(burst.offset(i));
    }

    @Override
    public int flush() {
        final int sent = queued;
        queued = 0;
        return sent;
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
        return name;
    }

    @Override
    public String kind() {
        return "pcap";
    }

    @Override
    public long transmitFailures() {
        return transmitFailures.getOpaque();
    }

    @Override
    public long receiveFailures() {
        return receiveFailures.getOpaque();
    }

    @Override
    public void close() {
        if (in != null) {
            in.close();
        }
        if (out != null) {
            out.close();
        }
    }
}
