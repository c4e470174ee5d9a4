package io.sluice.dataplane.os;

import java.util.ArrayList;
import java.util.List;

/**
 * BPF programs at an interface's ingress: <a href="https://man7.org/linux/man-pages/man8/tc-bpf.8.html">tc-bpf(8)</a>, over a
 * {@code clsact} queueing discipline. One thread at a time.
 */
public final class RtnetlinkFilters {
    private static final int MESSAGE_LENGTH = 20;
    private static final int HANDLE = 8;
    private static final int INFO = 16;
    private static final int CLSACT_HANDLE = 0xffff_0000;
    private static final int CLSACT_PARENT = 0xffff_fff1;
    private static final int INGRESS = 0xffff_fff2;
    private static final int EGRESS = 0xffff_fff3;
    private static final int TCA_KIND = 1;
    private static final int TCA_OPTIONS = 2;
    private static final int TCA_BPF_FD = 6;
    private static final int TCA_BPF_NAME = 7;
    private static final int TCA_BPF_FLAGS = 8;
    private static final int ACT_DIRECT = 1;
    /** ETH_P_ALL in network byte order, as tcm_info wants it; a filter's priority is above. */
    private static final int ALL_PROTOCOLS = Integer.reverseBytes(3) >>> 16;

    private final RtnetlinkClient kernel;

    /**
     * Over a client that others may use as well, not at the same time.
     *
     * @param kernel requests
     */
    public RtnetlinkFilters(final RtnetlinkClient kernel) {
        this.kernel = kernel;
    }

    /**
     * A filter at ingress.
     *
     * @param priority lower ones come first
     * @param handle   number within its priority
     * @param name     of a BPF filter, else empty
     */
    public record Filter(int priority, int handle, String name) {
    }

    /**
     * Makes sure that an interface has a place for ingress filters.
     *
     * @param interfaceIndex interface
     * @return true if it was made by this call
     * @throws NetlinkException if the kernel refuses
     */
    public boolean makeClsact(final int interfaceIndex) {
        try {
            kernel.change("make a clsact queueing discipline", message(Rtnetlink.RTM_NEWQDISC,
                NetlinkRequest.CREATE | NetlinkRequest.EXCLUSIVE, interfaceIndex, CLSACT_HANDLE, CLSACT_PARENT, 0)
                .attribute(TCA_KIND, "clsact"));
            return true;
        } catch (final NetlinkException e) {
            if (e.errno() == Errno.EEXIST) {
                return false;
            }
            throw e;
        }
    }

    /**
     * Removes an interface's clsact, unless some filter still hangs on it.
     *
     * @param interfaceIndex interface
     * @throws NetlinkException if the kernel refuses
     */
    public void removeClsactIfUnused(final int interfaceIndex) {
        if (list(interfaceIndex, INGRESS).isEmpty() && list(interfaceIndex, EGRESS).isEmpty()) {
            kernel.change("remove a clsact queueing discipline",
                message(Rtnetlink.RTM_DELQDISC, 0, interfaceIndex, CLSACT_HANDLE, CLSACT_PARENT, 0));
        }
    }

    /**
     * The filters at an interface's ingress.
     *
     * @param interfaceIndex interface
     * @return filters, empty if there is no clsact
     * @throws NetlinkException if the kernel refuses
     */
    public List<Filter> ingress(final int interfaceIndex) {
        return list(interfaceIndex, INGRESS);
    }

    /**
     * Attaches a program at ingress, or puts it in the place of the filter with the same priority and handle in one step.
     *
     * @param interfaceIndex interface
     * @param filter         where, and under which name
     * @param program        file descriptor
     * @throws NetlinkException if the kernel refuses
     */
    public void attach(final int interfaceIndex, final Filter filter, final int program) {
        final NetlinkRequest request = message(Rtnetlink.RTM_NEWTFILTER, NetlinkRequest.CREATE, interfaceIndex, filter.handle(),
            INGRESS, filter.priority() << 16 | ALL_PROTOCOLS).attribute(TCA_KIND, "bpf");
        final int options = request.begin(TCA_OPTIONS);
        request.attribute(TCA_BPF_FD, program).attribute(TCA_BPF_NAME, filter.name()).attribute(TCA_BPF_FLAGS, ACT_DIRECT);
        kernel.change("attach a BPF program at ingress", request.end(options));
    }

    /**
     * Removes a filter at ingress.
     *
     * @param interfaceIndex interface
     * @param filter         which
     * @throws NetlinkException if the kernel refuses
     */
    public void remove(final int interfaceIndex, final Filter filter) {
        kernel.change("remove a BPF program at ingress", message(Rtnetlink.RTM_DELTFILTER, 0, interfaceIndex, filter.handle(),
            INGRESS, filter.priority() << 16 | ALL_PROTOCOLS).attribute(TCA_KIND, "bpf"));
    }

    private List<Filter> list(final int interfaceIndex, final int parent) {
        final List<Filter> found = new ArrayList<>();
        kernel.dump("list ingress filters", message(Rtnetlink.RTM_GETTFILTER, NetlinkRequest.DUMP, interfaceIndex, 0, parent, 0),
            found::clear, answer -> {
                if (answer.type() == Rtnetlink.RTM_NEWTFILTER) {
                    found.add(new Filter(answer.s32(INFO) >>> 16, answer.s32(HANDLE), name(answer)));
                }
            });
        return found;
    }

    private static String name(final NetlinkMessages answer) {
        final NetlinkAttributes attributes = answer.attributes(MESSAGE_LENGTH);
        boolean bpf = false;
        String name = "";
        while (attributes.next()) {
            if (attributes.type() == TCA_KIND) {
                bpf = "bpf".equals(attributes.text());
            } else if (attributes.type() == TCA_OPTIONS) {
                final NetlinkAttributes options = attributes.nested(0);
                while (options.next()) {
                    name = options.type() == TCA_BPF_NAME ? options.text() : name;
                }
            }
        }
        return bpf ? name : "";
    }

    private static NetlinkRequest message(final int type, final int flags, final int interfaceIndex, final int handle, final int parent,
                                          final int info) {
        return new NetlinkRequest(type, flags == NetlinkRequest.DUMP ? flags : flags | NetlinkRequest.ACKNOWLEDGE)
            .u32(Rtnetlink.AF_UNSPEC).u32(interfaceIndex).u32(handle).u32(parent).u32(info);
    }
}
