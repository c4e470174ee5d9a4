package io.sluice.dataplane;

import io.sluice.dataplane.api.CounterView;
import io.sluice.dataplane.connection.StoreStatistics;
import io.sluice.dataplane.nat.LocalPortPool;
import io.sluice.dataplane.port.PacketPort;
import io.sluice.dataplane.service.Backend;
import io.sluice.dataplane.service.ForwardingTable;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Counts that are kept where they arise rather than in the counters file: local ports, packet ports, the table of record. They
 * end with the process.
 */
final class LiveCounters {
    private final List<CounterView> views = new ArrayList<>();

    /** Of the configuration as each lane has it. */
    LiveCounters pools(final List<ForwardingTable> tables) {
        final Set<LocalPortPool> pools = new LinkedHashSet<>();
        for (final ForwardingTable table : tables) {
            for (final Backend backend : table.backends()) {
                pools.add(backend.leases().pool());
                if (backend.leases().exhausted() > 0) {
                    add("backend.local_ports_exhausted", backend.toString(), backend.leases().exhausted(),
                        "connections refused because every local port of the pool was in use towards this backend");
                }
            }
        }
        for (final LocalPortPool pool : pools) {
            final String name = pool.name() + (pool.isIpv4() ? "/ipv4" : "/ipv6");
            add("pool.leased_current", name, pool.leased(),
                "local ports in use, each counted for every backend it is used towards (a level)");
            add("pool.exhausted", name, pool.exhausted(), "connections refused because no local port was left towards a backend");
        }
        return this;
    }

    /** Of the ports of each lane. */
    LiveCounters ports(final List<PortOpener.LanePorts> lanes) {
        for (final PortOpener.LanePorts lane : lanes) {
            for (final PacketPort port : lane.ports()) {
                add("port.receive_failures", port.name(), port.receiveFailures(), "frames lost before they could be received");
                add("port.transmit_failures", port.name(), port.transmitFailures(), "frames that the interface did not take");
            }
        }
        return this;
    }

    LiveCounters store(final StoreStatistics statistics) {
        add("store.puts", "", statistics.puts(), "connections written to the table of record");
        add("store.removes", "", statistics.removes(), "connections removed from the table of record");
        add("store.failures", "", statistics.failures(), "writes to the table of record that failed");
        add("store.expired", "", statistics.expired(), "stored connections that had expired when this process started");
        add("store.corrupt", "", statistics.corrupt(), "stored connections that were damaged and dropped at start");
        add("store.files_set_aside", "", statistics.setAside(), "damaged files of the table of record put aside at start");
        return this;
    }

    LiveCounters keptFromKernel(final long packets) {
        add("packets_kept_from_kernel", "", packets, "packets of ours that the ingress filter kept from the kernel's stack");
        return this;
    }

    List<CounterView> views() {
        return CounterView.summed(views);
    }

    private void add(final String name, final String subject, final long value, final String sentence) {
        views.add(new CounterView(name, subject, value, sentence));
    }
}
