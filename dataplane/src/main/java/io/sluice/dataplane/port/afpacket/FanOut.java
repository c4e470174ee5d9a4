package io.sluice.dataplane.port.afpacket;

import io.sluice.dataplane.api.DataplaneException;
import io.sluice.dataplane.os.Bpf;
import io.sluice.dataplane.os.BpfException;
import io.sluice.dataplane.os.BpfObject;
import io.sluice.dataplane.os.BpfProgram;
import io.sluice.dataplane.os.ffm.BpfSyscall;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;

/**
 * Deals the packets of an interface out to the ports that several lanes have on it, so that both directions of a connection
 * meet in its lane: {@code native/fanout/deal.bpf.c}. One program serves all interfaces.
 */
public final class FanOut implements AutoCloseable {
    private static final String OBJECT = "/native/deal.bpf.o";
    private static final String PROGRAM = "deal";

    private final BpfProgram program;

    private FanOut(final BpfProgram program) {
        this.program = program;
    }

    /**
     * Loads the program.
     *
     * @param owned descriptors of the maps that say which addresses are ours, by their symbols
     * @param key   of the hash by which flows are dealt out
     * @param lanes number of lanes, 2 or more
     * @return to be given to every port, and closed after the last one
     * @throws DataplaneException if the kernel refuses, with the next step
     */
    public static FanOut load(final Map<String, Integer> owned, final long key, final int lanes) {
        try (InputStream object = FanOut.class.getResourceAsStream(OBJECT)) {
            if (object == null) {
                throw new DataplaneException(OBJECT + " is not on the class path: build the module with make and clang installed");
            }
            final Bpf bpf = new BpfSyscall();
            final BpfProgram program =
                BpfProgram.load(bpf, BpfObject.parse(object.readAllBytes()), PROGRAM, Bpf.PROGRAM_SOCKET, owned);
            bpf.update(program.map("deal_settings"), new byte[Integer.BYTES],
                ByteBuffer.allocate(2 * Long.BYTES).order(ByteOrder.nativeOrder()).putLong(key).putLong(lanes).array());
            return new FanOut(program);
        } catch (final BpfException e) {
            throw new DataplaneException("cannot load the program that deals packets out to lanes: " + e.getMessage()
                + ". It needs CAP_BPF and CAP_NET_ADMIN, and a kernel of 5.10 or newer; with dataplane.lanes: 1 it is not needed.", e);
        } catch (final IOException e) {
            throw new UncheckedIOException("cannot read " + OBJECT, e);
        }
    }

    /** Descriptor of the program. */
    int program() {
        return program.fileDescriptor();
    }

    /** Gives the program up; groups that have it keep it. */
    @Override
    public void close() {
        program.close();
    }
}
