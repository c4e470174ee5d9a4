package io.sluice.dataplane.api;

import java.util.List;

/**
 * Who may open connections.
 *
 * @param allow   true: only clients in the list; false: all but clients in the list
 * @param entries prefixes
 */
public record AclSpec(boolean allow, List<Cidr> entries) {
    /** Everybody: an empty deny list. */
    public static final AclSpec EVERYBODY = new AclSpec(false, List.of());

    /** Copies the list. */
    public AclSpec {
        entries = List.copyOf(entries);
    }
}
