package io.sluice.dataplane.service;

import java.util.Arrays;

/**
 * The members of a server group and their weights at one moment: an immutable snapshot. A scheduler is made from it.
 *
 * <p>Two groups are equal when they have the same name, the same backends (the same objects) in the same order and the same
 * weights: then a compiler keeps the old group with its schedulers, whose turns go on and whose tables are built already.
 */
public final class ServerGroup {
    private final String name;
    private final Backend[] members;
    private final int[] weights;
    private final boolean usable;
    // Built when first asked for. A race would only build it twice: the table is immutable.
    private MaglevTable maglevTable;

    /**
     * A group.
     *
     * @param name    as configured
     * @param members in the order of the configuration; copied
     * @param weights one per member, 0 to 65535: 0 for a member with weight 0 or a failing health check; copied
     * @throws IllegalArgumentException if the weights do not match the members or are out of range
     */
    public ServerGroup(final String name, final Backend[] members, final int[] weights) {
        if (members.length != weights.length) {
            throw new IllegalArgumentException("group " + name + ": " + members.length + " members, " + weights.length + " weights");
        }
        boolean any = false;
        for (final int weight : weights) {
            if (weight < 0 || weight > 65_535) {
                throw new IllegalArgumentException("group " + name + ": weight " + weight + " is not within 0 and 65535");
            }
            any |= weight > 0;
        }
        this.name = name;
        this.members = members.clone();
        this.weights = weights.clone();
        this.usable = any;
    }

    /**
     * The configured name.
     *
     * @return for messages
     */
    public String name() {
        return name;
    }

    /**
     * Number of members, usable or not.
     *
     * @return 0 or more
     */
    public int size() {
        return members.length;
    }

    /**
     * A member.
     *
     * @param index 0 to {@link #size()} - 1, as schedulers give it
     * @return the backend
     */
    public Backend member(final int index) {
        return members[index];
    }

    /**
     * A member's weight in force.
     *
     * @param index 0 to {@link #size()} - 1
     * @return 0 to 65535; 0 gets no new connection
     */
    public int weight(final int index) {
        return weights[index];
    }

    /**
     * Whether any member may get a new connection.
     *
     * @return true if a weight is above 0
     */
    public boolean hasUsable() {
        return usable;
    }

    /** Indexes of the members with a weight above 0, ascending. */
    int[] usableMembers() {
        int count = 0;
        final int[] indexes = new int[members.length];
        for (int i = 0; i < weights.length; i++) {
            if (weights[i] > 0) {
                indexes[count++] = i;
            }
        }
        return Arrays.copyOf(indexes, count);
    }

    /** The group's one consistent-hash table, shared by all schedulers that need it. Takes milliseconds the first time. */
    MaglevTable maglevTable() {
        if (maglevTable == null) {
            maglevTable = new MaglevTable(this);
        }
        return maglevTable;
    }

    @Override
    public boolean equals(final Object other) {
        // Backend keeps identity equality, so this compares the very objects.
        return other instanceof ServerGroup that && name.equals(that.name) && Arrays.equals(members, that.members)
            && Arrays.equals(weights, that.weights);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * name.hashCode() + Arrays.hashCode(members)) + Arrays.hashCode(weights);
    }

    @Override
    public String toString() {
        return name + " (" + members.length + " members)";
    }
}
