package io.sluice.dataplane.os.ffm;

import io.sluice.dataplane.os.Errno;
import io.sluice.dataplane.os.NetworkDevice;
import io.sluice.dataplane.os.SystemCallException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;

/** {@link NetworkDevice} by ioctl(2) on a datagram socket: linux/sockios.h, linux/ethtool.h. */
public final class FfmNetworkDevice implements NetworkDevice {
    private static final MethodHandle IOCTL =
        Downcall.variadic("ioctl", 2, Downcall.INT, Downcall.INT, Downcall.LONG, Downcall.POINTER);

    private static final int AF_INET = 2;
    private static final int SOCK_DGRAM_CLOEXEC = 2 | 0x80000;
    private static final long SIOCGIFFLAGS = 0x8913;
    private static final long SIOCGIFMTU = 0x8921;
    private static final long SIOCGIFHWADDR = 0x8927;
    private static final long SIOCGIFINDEX = 0x8933;
    private static final long SIOCETHTOOL = 0x8946;
    private static final int IFREQ_LENGTH = 40;
    private static final int IFREQ_VALUE = 16;
    private static final int MAC_LENGTH = 6;

    private static final int ETHTOOL_GDRVINFO = 0x03;
    private static final int DRIVER_AT = 4;
    private static final int BUS_AT = 100;
    private static final int DRVINFO_LENGTH = 196;
    private static final int ETHTOOL_GFLAGS = 0x25;
    private static final int ETHTOOL_SFLAGS = 0x26;
    private static final int FLAG_RXVLAN = 1 << 8;
    private static final int FLAG_LRO = 1 << 15;
    private static final int ETHTOOL_GCHANNELS = 0x3c;
    private static final int RX_COUNT_AT = 20;
    private static final int COMBINED_COUNT_AT = 32;
    private static final int CHANNELS_LENGTH = 36;

    private final int fd;
    private boolean closed;

    private FfmNetworkDevice(final int fd) {
        this.fd = fd;
    }

    /**
     * Opens a socket in the network namespace of the calling thread.
     *
     * @return to be asked about its interfaces
     * @throws SystemCallException if there is no descriptor left
     */
    public static NetworkDevice open() {
        return new FfmNetworkDevice(Descriptor.socket("AF_INET", AF_INET, SOCK_DGRAM_CLOEXEC, 0));
    }

    @Override
    public int index(final String name) {
        return number(SIOCGIFINDEX, name, ValueLayout.JAVA_INT);
    }

    @Override
    public int mtu(final String name) {
        return number(SIOCGIFMTU, name, ValueLayout.JAVA_INT);
    }

    @Override
    public int flags(final String name) {
        return number(SIOCGIFFLAGS, name, ValueLayout.JAVA_SHORT);
    }

    @Override
    public int linkType(final String name) {
        return number(SIOCGIFHWADDR, name, ValueLayout.JAVA_SHORT);
    }

    @Override
    public byte[] mac(final String name) {
        try (Arena scratch = Arena.ofConfined()) {
            final MemorySegment ifreq = ifreq(scratch, name);
            final byte[] mac = new byte[MAC_LENGTH];
            if (ioctl(scratch, SIOCGIFHWADDR, ifreq) == 0) {
                MemorySegment.copy(ifreq, ValueLayout.JAVA_BYTE, IFREQ_VALUE + 2, mac, 0, MAC_LENGTH);
            }
            return mac;
        }
    }

    @Override
    public Driver driver(final String name) {
        try (Arena scratch = Arena.ofConfined()) {
            final MemorySegment info = scratch.allocate(DRVINFO_LENGTH, 4);
            info.set(ValueLayout.JAVA_INT, 0, ETHTOOL_GDRVINFO);
            if (ethtool(scratch, name, info) != 0) {
                return new Driver("", "");
            }
            return new Driver(info.getString(DRIVER_AT), info.getString(BUS_AT));
        }
    }

    @Override
    public int receiveQueues(final String name) {
        try (Arena scratch = Arena.ofConfined()) {
            final MemorySegment channels = scratch.allocate(CHANNELS_LENGTH, 4);
            channels.set(ValueLayout.JAVA_INT, 0, ETHTOOL_GCHANNELS);
            if (ethtool(scratch, name, channels) != 0) {
                return 1;
            }
            return Math.max(1, channels.get(ValueLayout.JAVA_INT, RX_COUNT_AT) + channels.get(ValueLayout.JAVA_INT, COMBINED_COUNT_AT));
        }
    }

    @Override
    public boolean isMergingReceived(final String name) {
        try (Arena scratch = Arena.ofConfined()) {
            return (offloads(scratch, name) & FLAG_LRO) != 0;
        }
    }

    @Override
    public boolean leaveVlanTags(final String name) {
        try (Arena scratch = Arena.ofConfined()) {
            final int offloads = offloads(scratch, name);
            if ((offloads & FLAG_RXVLAN) == 0) {
                return false;
            }
            final MemorySegment value = scratch.allocateFrom(ValueLayout.JAVA_INT, ETHTOOL_SFLAGS, offloads & ~FLAG_RXVLAN);
            return ethtool(scratch, name, value) == 0;
        }
    }

    private int offloads(final Arena scratch, final String name) {
        final MemorySegment value = scratch.allocateFrom(ValueLayout.JAVA_INT, ETHTOOL_GFLAGS, 0);
        return ethtool(scratch, name, value) == 0 ? value.get(ValueLayout.JAVA_INT, 4) : 0;
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        Descriptor.close(fd);
    }

    /** What an ioctl leaves in {@code struct ifreq}: 16 bytes of name, then a union. */
    private int number(final long request, final String name, final ValueLayout type) {
        try (Arena scratch = Arena.ofConfined()) {
            final MemorySegment ifreq = ifreq(scratch, name);
            final int result = ioctl(scratch, request, ifreq);
            if (result != 0) {
                return result;
            }
            return type == ValueLayout.JAVA_INT ? ifreq.get(ValueLayout.JAVA_INT, IFREQ_VALUE)
                : Short.toUnsignedInt(ifreq.get(ValueLayout.JAVA_SHORT, IFREQ_VALUE));
        }
    }

    private int ethtool(final Arena scratch, final String name, final MemorySegment command) {
        final MemorySegment ifreq = ifreq(scratch, name);
        ifreq.set(ValueLayout.ADDRESS, IFREQ_VALUE, command);
        return ioctl(scratch, SIOCETHTOOL, ifreq);
    }

    private static MemorySegment ifreq(final Arena scratch, final String name) {
        final MemorySegment ifreq = scratch.allocate(IFREQ_LENGTH, 8);
        final byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        MemorySegment.copy(bytes, 0, ifreq, ValueLayout.JAVA_BYTE, 0, Math.min(bytes.length, IFREQ_VALUE));
        return ifreq;
    }

    private int ioctl(final Arena scratch, final long request, final MemorySegment ifreq) {
        // A name that fills its field has no end, and no interface has such a name.
        if (ifreq.get(ValueLayout.JAVA_BYTE, IFREQ_VALUE - 1) != 0) {
            return -Errno.ENODEV;
        }
        try {
            final MemorySegment state = scratch.allocate(Downcall.STATE);
            final int result = (int) IOCTL.invokeExact(state, fd, request, ifreq);
            return result < 0 ? -Downcall.errno(state) : 0;
        } catch (final Throwable e) {
            throw Downcall.impossible(e);
        }
    }
}
