package io.sluice.bench.binding;

import io.sluice.dataplane.os.Errno;
import io.sluice.dataplane.os.ffm.FfmCalls;
import java.util.function.Function;

/** A way of calling C from Java. */
public enum Binding {
    /** java.lang.foreign. */
    FFM(FfmCalls::new),
    /** The Java Native Interface. */
    JNI(JniCalls::new),
    /** jnr-ffi. */
    JNR(JnrCalls::new);

    private final Function<Target, HotCalls> maker;

    Binding(final Function<Target, HotCalls> maker) {
        this.maker = maker;
    }

    /**
     * The calls of this binding.
     *
     * @param target what to call with
     * @return calls that have been tried
     * @throws IllegalStateException if one does not do what it should
     */
    HotCalls calls(final Target target) {
        final HotCalls calls = maker.apply(target);
        final int received = calls.receive();
        final int sent = calls.send();
        final int ready = calls.poll();
        if (received != -Errno.EAGAIN || sent != 1 || ready != 0 || calls.parent() <= 0) {
            throw new IllegalStateException(this + ": recvmmsg gave " + received + " instead of -EAGAIN, sendmmsg " + sent
                + " instead of 1, poll " + ready + " instead of 0: the figures would mean nothing");
        }
        return calls;
    }
}
