package io.sluice.dataplane.lab;

import io.sluice.dataplane.os.ffm.ThreadNamespace;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A network namespace made for one test and removed with it. Needs root.
 */
public final class NetworkNamespace implements AutoCloseable {
    private static final AtomicInteger NEXT = new AtomicInteger();
    private final String name;

    private NetworkNamespace(final String name) {
        this.name = name;
    }

    /**
     * Makes a namespace with its loopback up. The name holds the process id, so that runs side by side do not meet.
     *
     * @param role short word for the name, such as client
     * @return an empty namespace
     */
    public static NetworkNamespace create(final String role) {
        final String name = "slt" + ProcessHandle.current().pid() + "-" + NEXT.incrementAndGet() + role;
        command("ip", "netns", "add", name);
        final NetworkNamespace namespace = new NetworkNamespace(name);
        namespace.exec("ip", "link", "set", "lo", "up");
        return namespace;
    }

    /**
     * Connects two namespaces by a veth pair, both ends up.
     *
     * @param a      one side
     * @param aName  interface there
     * @param b      other side
     * @param bName  interface there
     */
    public static void connect(final NetworkNamespace a, final String aName, final NetworkNamespace b, final String bName) {
        command("ip", "link", "add", aName, "netns", a.name, "type", "veth", "peer", "name", bName, "netns", b.name);
        a.exec("ip", "link", "set", aName, "up");
        b.exec("ip", "link", "set", bName, "up");
    }

    /**
     * Connects two namespaces by a veth pair with so many queues in each direction, both ends up.
     *
     * @param a      one side
     * @param aName  interface there
     * @param b      other side
     * @param bName  interface there
     * @param queues 1 or more
     */
    public static void connect(final NetworkNamespace a, final String aName, final NetworkNamespace b, final String bName,
                               final int queues) {
        final String count = Integer.toString(queues);
        command("ip", "link", "add", aName, "netns", a.name, "numrxqueues", count, "numtxqueues", count, "type", "veth",
            "peer", "name", bName, "netns", b.name, "numrxqueues", count, "numtxqueues", count);
        a.exec("ip", "link", "set", aName, "up");
        b.exec("ip", "link", "set", bName, "up");
    }

    /**
     * The name as {@code ip netns} knows it.
     *
     * @return name
     */
    public String name() {
        return name;
    }

    /**
     * Runs a command in the namespace and waits for it.
     *
     * @param words command and arguments
     * @return what it printed, standard error included
     * @throws IllegalStateException if it fails or takes more than a minute
     */
    public String exec(final String... words) {
        return command(inside(words));
    }

    /**
     * Starts a command in the namespace; the caller ends it.
     *
     * @param words command and arguments
     * @return the process, standard error merged into its output
     */
    public Process start(final String... words) {
        try {
            return new ProcessBuilder(inside(words)).redirectErrorStream(true).start();
        } catch (final IOException e) {
            throw new IllegalStateException("cannot start " + List.of(words), e);
        }
    }

    /**
     * Runs code on a fresh platform thread inside the namespace and waits for it. Sockets it opens, and threads it starts,
     * stay in the namespace.
     *
     * @param code what to run
     * @param <T>  type of its result
     * @return its result
     */
    public <T> T call(final Callable<T> code) {
        final FutureTask<T> task = new FutureTask<>(() -> {
            ThreadNamespace.enter(Path.of("/run/netns", name));
            return code.call();
        });
        Thread.ofPlatform().name("in-" + name).start(task);
        try {
            return task.get();
        } catch (final ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException(e.getCause());
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        command("ip", "netns", "del", name);
    }

    private String[] inside(final String... words) {
        final List<String> all = new ArrayList<>(List.of("ip", "netns", "exec", name));
        all.addAll(List.of(words));
        return all.toArray(String[]::new);
    }

    private static String command(final String... words) {
        try {
            final Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
            process.getOutputStream().close();
            final String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(1, TimeUnit.MINUTES) || process.exitValue() != 0) {
                throw new IllegalStateException(String.join(" ", words) + " failed: " + output);
            }
            return output;
        } catch (final IOException e) {
            throw new IllegalStateException("cannot run " + String.join(" ", words), e);
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
