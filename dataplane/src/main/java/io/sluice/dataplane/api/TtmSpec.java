package io.sluice.dataplane.api;

import java.util.List;

/**
 * What a listener does with the TTM option.
 *
 * @param insert         whether the client's address is inserted (TCP)
 * @param kind           option kind, 254 by default
 * @param trustedSources clients whose own TTM option is believed and passed on: a load balancer in front of this one
 */
public record TtmSpec(boolean insert, int kind, List<Cidr> trustedSources) {
    /** Insert with kind 254, trust nobody. */
    public static final TtmSpec DEFAULT = new TtmSpec(true, 254, List.of());

    /** Copies the list. */
    public TtmSpec {
        trustedSources = List.copyOf(trustedSources);
    }
}
