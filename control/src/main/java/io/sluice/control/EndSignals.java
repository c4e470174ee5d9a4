package io.sluice.control;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * SIGTERM and SIGINT as a request to end, also while the daemon is still starting: the start goes on, and what was started is
 * then closed in order.
 *
 * <p>A shutdown hook would not do: once the JVM's shutdown has begun, libraries that add hooks of their own (Chronicle's do when
 * their classes are first used) fail, and with them the start. {@code sun.misc.Signal} is exported and documented for this use
 * (JEP 260), but javac warns of its name; so it is named in a string.
 */
final class EndSignals {
    private final CountDownLatch told = new CountDownLatch(1);

    private EndSignals() {
    }

    /** From now on, both signals only count as told. */
    static EndSignals catchAll() {
        final EndSignals signals = new EndSignals();
        try {
            final Class<?> signal = Class.forName("sun.misc.Signal");
            final Class<?> handler = Class.forName("sun.misc.SignalHandler");
            final Method handle = signal.getMethod("handle", signal, handler);
            final Object listener = Proxy.newProxyInstance(EndSignals.class.getClassLoader(), new Class<?>[] {handler},
                (proxy, method, arguments) -> {
                    signals.told.countDown();
                    return null;
                });
            for (final String name : List.of("TERM", "INT")) {
                handle.invoke(null, signal.getConstructor(String.class).newInstance(name), listener);
            }
        } catch (final ReflectiveOperationException e) {
            throw new IllegalStateException("this Java runtime has no sun.misc.Signal; use one with the module jdk.unsupported", e);
        }
        return signals;
    }

    /** Waits for either signal; returns at once if it has come. */
    void await() {
        try {
            told.await();
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
