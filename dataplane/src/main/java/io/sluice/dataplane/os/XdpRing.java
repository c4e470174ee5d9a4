package io.sluice.dataplane.os;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * One ring of an AF_XDP socket, in memory shared with the kernel: {@code struct xdp_ring} and its descriptors, at offsets
 * that the kernel tells.
 *
 * <pre>
 *   producer(4)  consumer(4)  flags(4)   each somewhere in the mapping; indexes run freely, modulo 2^32
 *   descriptors                          fill, completion: address(8)
 *                                        rx, tx: address(8)  length(4)  options(4)
 * </pre>
 *
 * <p>The process is the producer of fill and tx and the consumer of the others. One thread. Allocates nothing.
 */
public final class XdpRing {
    /** Bytes of a descriptor of fill and completion. */
    public static final int ADDRESS_LENGTH = 8;
    /** Bytes of a descriptor of rx and tx. */
    public static final int DESCRIPTOR_LENGTH = 16;
    /** Option of a tx descriptor: {@code struct xsk_tx_metadata} lies before the frame ({@code XDP_TX_METADATA}). */
    public static final int TRANSMIT_METADATA = 1 << 1;

    /** Bytes of {@code struct xsk_tx_metadata}. */
    public static final int METADATA_LENGTH = 24;

    private static final int LENGTH = 8;
    private static final int OPTIONS = 12;
    private static final int NEED_WAKEUP = 1;
    private static final VarHandle INDEX = ValueLayout.JAVA_INT.varHandle();

    private final MemorySegment memory;
    private final long producerAt;
    private final long consumerAt;
    private final long flagsAt;
    private final long descriptorsAt;
    private final int descriptorLength;
    private final int size;
    private int producer;
    private int consumer;

    /**
     * A ring in mapped memory.
     *
     * @param memory           the mapping
     * @param offsets          of producer, consumer, descriptors and flags, as XDP_MMAP_OFFSETS orders them
     * @param descriptorLength {@link #ADDRESS_LENGTH} or {@link #DESCRIPTOR_LENGTH}
     * @param size             descriptors, a power of two
     */
    public XdpRing(final MemorySegment memory, final long[] offsets, final int descriptorLength, final int size) {
        this.memory = memory;
        this.producerAt = offsets[0];
        this.consumerAt = offsets[1];
        this.descriptorsAt = offsets[2];
        this.flagsAt = offsets[3];
        this.descriptorLength = descriptorLength;
        this.size = size;
    }

    /**
     * Descriptors that the producing process may write now.
     *
     * @return 0 to the ring's size
     */
    public int free() {
        consumer = (int) INDEX.getAcquire(memory, consumerAt);
        return size - (producer - consumer);
    }

    /**
     * Writes the next descriptor's address; {@link #free} has said that there is room.
     *
     * @param address offset in the UMEM
     */
    public void put(final long address) {
        memory.set(ValueLayout.JAVA_LONG, slot(producer++), address);
    }

    /**
     * Writes the next descriptor; {@link #free} has said that there is room.
     *
     * @param address offset in the UMEM
     * @param length  bytes
     * @param options 0 or {@link #TRANSMIT_METADATA}
     */
    public void put(final long address, final int length, final int options) {
        final long at = slot(producer++);
        memory.set(ValueLayout.JAVA_LONG, at, address);
        memory.set(ValueLayout.JAVA_INT, at + LENGTH, length);
        memory.set(ValueLayout.JAVA_INT, at + OPTIONS, options);
    }

    /** Lets the kernel see what was put. */
    public void publish() {
        INDEX.setRelease(memory, producerAt, producer);
    }

    /**
     * Whether the kernel has taken all that was published.
     *
     * @return true if nothing of the producing process is left in the ring
     */
    public boolean isTaken() {
        return (int) INDEX.getAcquire(memory, consumerAt) == producer;
    }

    /**
     * Descriptors that the consuming process may read now.
     *
     * @return 0 to the ring's size
     */
    public int available() {
        producer = (int) INDEX.getAcquire(memory, producerAt);
        return producer - consumer;
    }

    /**
     * Address of a descriptor.
     *
     * @param i 0 for the next one, less than {@link #available}
     * @return offset in the UMEM
     */
    public long address(final int i) {
        return memory.get(ValueLayout.JAVA_LONG, slot(consumer + i));
    }

    /**
     * Length in a descriptor of the rx ring.
     *
     * @param i 0 for the next one, less than {@link #available}
     * @return bytes
     */
    public int length(final int i) {
        return memory.get(ValueLayout.JAVA_INT, slot(consumer + i) + LENGTH);
    }

    /**
     * Lets the kernel reuse descriptors.
     *
     * @param count that were read
     */
    public void release(final int count) {
        consumer += count;
        INDEX.setRelease(memory, consumerAt, consumer);
    }

    /**
     * Whether the kernel has to be woken up to look at this ring: fill and tx, with {@link XdpSocket#USE_NEED_WAKEUP}.
     *
     * @return true if it sleeps
     */
    public boolean needsWakeup() {
        return ((int) INDEX.getAcquire(memory, flagsAt) & NEED_WAKEUP) != 0;
    }

    private long slot(final int index) {
        return descriptorsAt + (long) (index & size - 1) * descriptorLength;
    }
}
