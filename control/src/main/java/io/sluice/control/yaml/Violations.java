package io.sluice.control.yaml;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Collects what is wrong. For one thread. */
public final class Violations {
    /** As many as are kept: whoever has more begins with these. */
    public static final int MOST = 100;

    private final Set<Violation> found = new LinkedHashSet<>();
    private int more;

    /**
     * Adds one, unless it is there already: a value may be read twice.
     *
     * @param violation what is wrong
     */
    public void add(final Violation violation) {
        if (found.size() < MOST) {
            found.add(violation);
        } else if (!found.contains(violation)) {
            more++;
        }
    }

    /**
     * Adds one.
     *
     * @param position where
     * @param path     which setting
     * @param value    what is written there
     * @param message  what is wrong and what would be right
     */
    public void add(final Position position, final String path, final String value, final String message) {
        add(new Violation(position, path, value, message));
    }

    /**
     * Ends the collection.
     *
     * @throws InvalidConfigException if there is at least one violation; they are in the order of the file
     */
    public void throwIfAny() throws InvalidConfigException {
        if (!found.isEmpty()) {
            final List<Violation> inOrder = new ArrayList<>(found);
            inOrder.sort(Comparator.comparing(Violation::position));
            if (more > 0) {
                inOrder.add(new Violation(inOrder.getLast().position(), "", "", more + " more problems are not listed"));
            }
            throw new InvalidConfigException(inOrder);
        }
    }
}
