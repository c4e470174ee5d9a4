package io.sluice.dataplane.port.afxdp;

import io.sluice.dataplane.api.DataplaneException;
import io.sluice.dataplane.os.Bpf;
import io.sluice.dataplane.os.BpfException;
import io.sluice.dataplane.os.BpfObject;
import io.sluice.dataplane.os.BpfProgram;
import io.sluice.dataplane.os.Errno;
import io.sluice.dataplane.os.ffm.BpfSyscall;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Map;

/**
 * The XDP program of one interface, {@code native/xdp/steer.bpf.c}: it hands what is ours to the sockets of its queues. All
 * lanes with a socket on the interface share it.
 *
 * <p>It is attached by a BPF link, so that it goes away with the process however that ends; the ingress filter stays and
 * keeps the kernel quiet until the next start.
 *
 * <p>Thread-safe.
 */
public final class SteeringProgram implements AutoCloseable {
    private static final String OBJECT = "/native/steer.bpf.o";
    private static final String PROGRAM = "steer";
    private static final int PORT_LENGTH = 8;
    private static final int NONE = -1;

    private final Bpf bpf;
    private final BpfProgram program;
    private final String name;
    private final boolean genericOnly;
    private int link = NONE;
    private int attachedTo;
    private boolean generic;
    private byte[] mac = {};
    private boolean closed;

    SteeringProgram(final Bpf bpf, final BpfProgram program, final String name, final boolean genericOnly) {
        this.bpf = bpf;
        this.program = program;
        this.name = name;
        this.genericOnly = genericOnly;
    }

    /**
     * Loads the program; nothing is attached yet.
     *
     * @param name  interface
     * @param owned the maps that say what is ours, by their symbols in {@code native/include/owned.bpf.h}; they stay the
     *              caller's
     * @return owner of the program
     * @throws DataplaneException if the kernel refuses, with the next step
     */
    public static SteeringProgram load(final String name, final Map<String, Integer> owned) {
        return load(name, owned, false);
    }

    static SteeringProgram load(final String name, final Map<String, Integer> owned, final boolean genericOnly) {
        try (InputStream object = SteeringProgram.class.getResourceAsStream(OBJECT)) {
            if (object == null) {
                throw new DataplaneException(OBJECT + " is not on the class path: build the module with make and clang installed");
            }
            final Bpf bpf = new BpfSyscall();
            final BpfObject parsed = BpfObject.parse(object.readAllBytes());
            return new SteeringProgram(bpf, BpfProgram.load(bpf, parsed, PROGRAM, Bpf.PROGRAM_XDP, owned), name, genericOnly);
        } catch (final BpfException e) {
            throw new DataplaneException("cannot load the XDP program for interface " + name + ": " + e.getMessage() + ". "
                + remedy(e.errno(), name), e);
        } catch (final IOException e) {
            throw new UncheckedIOException("cannot read " + OBJECT, e);
        }
    }

    /**
     * Attaches the program to an interface, unless it is already there: in the driver if that can, else in the stack.
     *
     * @param interfaceIndex the interface as it is now
     * @throws DataplaneException if the kernel refuses, with the next step
     */
    synchronized void attach(final int interfaceIndex) {
        if (link != NONE && attachedTo == interfaceIndex) {
            return;
        }
        detach();
        try {
            link = genericOnly ? generic(interfaceIndex) : nativeOrGeneric(interfaceIndex);
            attachedTo = interfaceIndex;
        } catch (final BpfException e) {
            throw new DataplaneException("cannot attach the XDP program to interface " + name + ": " + Errno.describe(e.errno())
                + ". " + remedy(e.errno(), name), e);
        }
    }

    private int nativeOrGeneric(final int interfaceIndex) {
        try {
            final int attached = bpf.attachXdp(program.fileDescriptor(), interfaceIndex, Bpf.XDP_NATIVE);
            generic = false;
            return attached;
        } catch (final BpfException e) {
            if (e.errno() != Errno.EOPNOTSUPP) {
                throw e;
            }
            return generic(interfaceIndex);
        }
    }

    private int generic(final int interfaceIndex) {
        generic = true;
        return bpf.attachXdp(program.fileDescriptor(), interfaceIndex, Bpf.XDP_GENERIC);
    }

    /**
     * Whether the program is run by the stack, after a socket buffer was made: the driver has no mode of its own.
     *
     * @return true in generic mode
     */
    synchronized boolean isGeneric() {
        return generic;
    }

    /**
     * Frames to other hardware addresses are left to the kernel.
     *
     * @param address six bytes
     */
    synchronized void hardwareAddress(final byte[] address) {
        if (!Arrays.equals(mac, address)) {
            bpf.update(program.map("steer_port"), new byte[Integer.BYTES], Arrays.copyOf(address, PORT_LENGTH));
            mac = address.clone();
        }
    }

    /**
     * What comes in by a queue goes to this socket from now on, until it is closed.
     *
     * @param queue  number of the queue
     * @param socket descriptor of a bound AF_XDP socket
     * @throws DataplaneException if there is no room for a queue of this number
     */
    synchronized void socket(final int queue, final int socket) {
        try {
            bpf.update(program.map("steer_sockets"), number(queue), number(socket));
        } catch (final BpfException e) {
            throw new DataplaneException("cannot steer queue " + queue + " of interface " + name + " to its socket: "
                + Errno.describe(e.errno()) + ". At most 1024 queues are possible: ethtool -L " + name + " combined 1024.", e);
        }
    }

    /** Takes the program off the interface. Sockets stay open and receive nothing. */
    synchronized void detach() {
        if (link != NONE) {
            bpf.close(link);
            link = NONE;
        }
    }

    /** For tests: what the program would return for a frame that comes in by queue 0. */
    int verdict(final byte[] frame) {
        return bpf.run(program.fileDescriptor(), frame);
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            detach();
            program.close();
        }
    }

    private static byte[] number(final int value) {
        return ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.nativeOrder()).putInt(value).array();
    }

    private static String remedy(final int errno, final String name) {
        return switch (errno) {
            case Errno.EBUSY, Errno.EEXIST -> "Another XDP program is on it: see ip link show dev " + name + " and bpftool net."
                + " Take that off (ip link set dev " + name + " xdp off, or end its process), or set dataplane.port: af_packet.";
            case Errno.EPERM, Errno.EACCES -> "It needs CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON: start Sluice as root, or give its"
                + " service these three.";
            case Errno.ERANGE, Errno.EMSGSIZE -> "The driver cannot run XDP with this MTU. Lower it: ip link set dev " + name
                + " mtu 1500; or set dataplane.port: af_packet.";
            case Errno.ENOSPC -> "The interface has too few receive queues: fewer than its peer has for sending, or than the driver"
                + " needs for XDP. Change them with ethtool -L " + name + ", or set dataplane.port: af_packet.";
            case Errno.EOPNOTSUPP -> "Neither the driver nor the stack runs XDP on it. Set dataplane.port: af_packet.";
            case Errno.ENOSYS, Errno.EINVAL -> "The kernel may be too old (5.10 is needed), or offloads that XDP cannot have are on:"
                + " ethtool -K " + name + " lro off. dmesg may say more. Otherwise set dataplane.port: af_packet.";
            default -> "dmesg may say more. Otherwise set dataplane.port: af_packet.";
        };
    }
}
