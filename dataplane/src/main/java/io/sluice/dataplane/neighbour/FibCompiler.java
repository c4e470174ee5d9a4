package io.sluice.dataplane.neighbour;

import io.sluice.dataplane.neighbour.CompiledFib.Neighbours;
import io.sluice.dataplane.neighbour.CompiledFib.Slots;
import io.sluice.dataplane.neighbour.FibInputs.PortLink;
import io.sluice.dataplane.neighbour.Neighbour.Hop;
import io.sluice.dataplane.neighbour.RouteTable.Group;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Lays routes and neighbours out in the arrays of a {@link CompiledFib}. One object per compilation. */
final class FibCompiler {
    private static final int MTU_CLASSES = 256;
    private static final int MAX_NEIGHBOURS = 1 << CompiledFib.NEIGHBOUR_BITS;

    private final FibInputs inputs;
    private final Map<Integer, Integer> mtuClasses = new HashMap<>();
    private final int[] mtuOfClass = new int[MTU_CLASSES];
    private final Neighbours neighbours;

    private FibCompiler(final FibInputs inputs) {
        this.inputs = inputs;
        this.neighbours = neighbours();
        mtuClasses.put(Integer.MAX_VALUE, 0);
        mtuOfClass[0] = Integer.MAX_VALUE;
    }

    /**
     * Makes a snapshot.
     *
     * @param generation of the snapshot
     * @param inputs     what it holds
     * @return the snapshot
     */
    static CompiledFib compile(final int generation, final FibInputs inputs) {
        final FibCompiler compiler = new FibCompiler(inputs);
        return new CompiledFib(generation, inputs.routes(), compiler.slots(), compiler.neighbours, compiler.mtuOfClass);
    }

    private Neighbours neighbours() {
        final int count = Math.min(inputs.neighbours().size(), MAX_NEIGHBOURS);
        final Neighbours made = new Neighbours(new Hop[count], new int[count], new long[count], new long[count], new int[count],
            new int[Math.max(2, Integer.highestOneBit(count) << 2)]);
        int i = 0;
        for (final Map.Entry<Hop, Long> entry : inputs.neighbours().entrySet()) {
            if (i == count) {
                break;
            }
            final Hop hop = entry.getKey();
            final PortLink port = inputs.ports().get(hop.interfaceIndex());
            made.hops()[i] = hop;
            made.port()[i] = port.port();
            made.destinationMac()[i] = entry.getValue();
            made.sourceMac()[i] = port.link().mac();
            made.linkMtu()[i] = port.link().mtu();
            insert(made.table(), hop, ++i);
        }
        return made;
    }

    private static void insert(final int[] table, final Hop hop, final int value) {
        int at = Neighbours.hash(hop.interfaceIndex(), hop.high(), hop.low()) & table.length - 1;
        while (table[at] != 0) {
            at = at + 1 & table.length - 1;
        }
        table[at] = value;
    }

    private Slots slots() {
        final List<Group> groups = inputs.routes().groups();
        final int total = groups.stream().mapToInt(group -> group.nextHops().size()).sum();
        final Slots slots = new Slots(new int[groups.size()], new int[groups.size()], new int[groups.size()], new int[groups.size()],
            new int[total], new int[total], new int[total]);
        int slot = 0;
        for (int g = 0; g < groups.size(); g++) {
            final Group group = groups.get(g);
            slots.first()[g] = slot;
            slots.size()[g] = group.nextHops().size();
            slots.mtuClass()[g] = mtuClass(group.mtu()) << CompiledFib.NEIGHBOUR_BITS;
            for (final NextHop hop : group.nextHops()) {
                slots.totalWeight()[g] += hop.weight();
                slots.weightEnd()[slot] = slots.totalWeight()[g];
                slots.interfaceIndex()[slot] = hop.interfaceIndex();
                slots.result()[slot++] = result(hop, slots.mtuClass()[g]);
            }
        }
        return slots;
    }

    private int result(final NextHop hop, final int mtuClass) {
        final PortLink port = inputs.ports().get(hop.interfaceIndex());
        if (port == null) {
            return Fib.NO_ROUTE;
        }
        if (hop.dead() || !port.link().up()) {
            return Fib.PORT_DOWN;
        }
        if (hop.onLink()) {
            return CompiledFib.ON_LINK;
        }
        final int neighbour = neighbours.find(hop.interfaceIndex(), hop.high(), hop.low());
        return neighbour < 0 ? Fib.NO_NEIGHBOUR : neighbour | mtuClass;
    }

    private int mtuClass(final int mtu) {
        final int next = mtuClasses.size();
        final int found = mtuClasses.computeIfAbsent(mtu, fresh -> Math.min(next, MTU_CLASSES - 1));
        // Beyond 255 different MTUs the rest share the smallest of them: smaller packets, never lost ones.
        mtuOfClass[found] = mtuOfClass[found] == 0 ? mtu : Math.min(mtuOfClass[found], mtu);
        return found;
    }
}
