package io.sluice.dataplane.pipeline;

import io.sluice.dataplane.api.ForwardingSpec;
import io.sluice.dataplane.api.LocalPoolSpec;
import io.sluice.dataplane.api.VirtualAddressSpec;
import java.util.Arrays;
import java.util.List;

/** Makes configurations of listeners that share the pool of {@link TestNet}. */
public final class Configuration {
    private static final String POOL = "pool";

    private Configuration() {
    }

    /**
     * A configuration.
     *
     * @param listeners all of them
     * @return what the data plane gets
     */
    public static ForwardingSpec of(final ListenerDraft... listeners) {
        return of(TestNet.LOCAL4.port(), TestNet.LAST_LOCAL_PORT, listeners);
    }

    /**
     * A configuration with another range of local ports.
     *
     * @param firstPort of the pool
     * @param lastPort  of the pool
     * @param listeners all of them
     * @return what the data plane gets
     */
    public static ForwardingSpec of(final int firstPort, final int lastPort, final ListenerDraft... listeners) {
        final LocalPoolSpec pool = new LocalPoolSpec(POOL, List.of(TestNet.LOCAL4.address(), TestNet.LOCAL6.address()), firstPort,
            lastPort, null);
        return new ForwardingSpec(1,
            Arrays.stream(listeners).map(listener -> new VirtualAddressSpec(listener.virtual().address(), null)).distinct().toList(),
            List.of(pool), Arrays.stream(listeners).map(ListenerDraft::group).toList(),
            Arrays.stream(listeners).map(listener -> listener.spec(POOL)).toList());
    }
}
