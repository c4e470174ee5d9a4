package io.sluice.control.store;

import io.sluice.dataplane.api.ForwardingSpec;
import io.sluice.dataplane.api.ListenerSpec;
import io.sluice.dataplane.api.LocalPoolSpec;
import io.sluice.dataplane.api.ServerGroupSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** What differs between two specifications, in words. */
final class Changes {
    private final List<String> sentences = new ArrayList<>();

    private Changes() {
    }

    static List<String> between(final ForwardingSpec before, final ForwardingSpec after) {
        final Changes changes = new Changes();
        changes.compare("local pool", before.localPools(), after.localPools(), LocalPoolSpec::name);
        changes.compare("server group", before.serverGroups(), after.serverGroups(), ServerGroupSpec::name);
        changes.compare("listener", before.listeners(), after.listeners(), ListenerSpec::name);
        changes.compare("virtual address", before.virtualAddresses(), after.virtualAddresses(),
            virtualAddress -> virtualAddress.address().getHostAddress());
        return changes.sentences;
    }

    private <T> void compare(final String what, final List<T> before, final List<T> after, final Function<T, String> nameOf) {
        final Map<String, T> gone = new LinkedHashMap<>();
        before.forEach(element -> gone.put(nameOf.apply(element), element));
        for (final T element : after) {
            final T old = gone.remove(nameOf.apply(element));
            if (old == null) {
                sentences.add(what + " " + nameOf.apply(element) + " added");
            } else if (!old.equals(element)) {
                sentences.add(what + " " + nameOf.apply(element) + " changed");
            }
        }
        gone.keySet().forEach(name -> sentences.add(what + " " + name + " removed"));
    }
}
