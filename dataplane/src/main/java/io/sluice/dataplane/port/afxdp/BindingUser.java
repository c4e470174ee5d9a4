package io.sluice.dataplane.port.afxdp;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A packet thread's hold on the binding in force. It notices by itself that another one is in force, and gets its frames back
 * from the old one as soon as that is closed. No locks, no waiting; one volatile read in the usual case.
 */
final class BindingUser {
    private final AtomicReference<Binding> inForce;
    private final Function<Binding, AtomicInteger> state;
    private final Consumer<Binding> reclaim;
    private Binding mine;
    private Binding left;

    /**
     * A thread that uses nothing yet.
     *
     * @param inForce what the control thread sets
     * @param state   this thread's state in a binding
     * @param reclaim takes all frames of this thread out of a closed binding
     */
    BindingUser(final AtomicReference<Binding> inForce, final Function<Binding, AtomicInteger> state, final Consumer<Binding> reclaim) {
        this.inForce = inForce;
        this.state = state;
        this.reclaim = reclaim;
    }

    /** The binding to use until the next call, or null if there is none. */
    Binding get() {
        if (inForce.get() != mine) {
            change();
        }
        if (left != null && left.isClosed()) {
            reclaim.accept(left);
            Binding.free(state.apply(left));
            left = null;
        }
        return mine;
    }

    private void change() {
        if (mine != null) {
            Binding.leave(state.apply(mine));
            left = mine;
        }
        mine = inForce.get();
        while (mine != null) {
            Binding.use(state.apply(mine));
            // The control thread takes a binding out of force before it looks whether it is in use: one of us sees the other.
            final Binding again = inForce.get();
            if (again == mine) {
                return;
            }
            Binding.free(state.apply(mine));
            mine = again;
        }
    }

    /** The packet threads have ended and everything is closed: takes back what is left. */
    void close() {
        if (left != null) {
            reclaim.accept(left);
            left = null;
        }
        if (mine != null) {
            reclaim.accept(mine);
            mine = null;
        }
    }
}
