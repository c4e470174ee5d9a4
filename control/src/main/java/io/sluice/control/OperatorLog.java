package io.sluice.control;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * What the operator reads: one line per sentence on one stream, the daemon's own and those of libraries alike. Thread-safe.
 *
 * <p>The daemon's own sentences do not pass through java.util.logging, because that is taken down by its own shutdown hook
 * while the daemon still has to say how it ended.
 */
public final class OperatorLog {
    /** Warns whenever a client breaks off, which is the client's business. Kept here, since loggers are collected otherwise. */
    private static final Logger CLIENTS = Logger.getLogger("io.helidon.common.socket");

    /** Warns at each recovery that recovery is a last resort: after a kill it is what is meant to happen, and we say how it went. */
    private static final Logger RECOVERY = Logger.getLogger("net.openhft.chronicle");

    /** Says what was chosen, and what is well again. */
    private static final Logger PACKETS = Logger.getLogger("io.sluice.dataplane");

    private static final String OURS = "io.sluice.";

    private final PrintStream stream;

    /**
     * Writes to a stream.
     *
     * @param stream usually standard error
     */
    public OperatorLog(final PrintStream stream) {
        this.stream = stream;
    }

    /**
     * Says something.
     *
     * @param sentence without a line end
     */
    public void say(final String sentence) {
        write("INFO", sentence);
    }

    /**
     * Says something that the operator should look at.
     *
     * @param sentence without a line end
     */
    public void warn(final String sentence) {
        write("WARNING", sentence);
    }

    /**
     * Says why something failed.
     *
     * @param sentence without a line end
     */
    public void fail(final String sentence) {
        write("ERROR", sentence);
    }

    /** Makes every library that logs write here too: warnings and worse, and of our own what is worth knowing. */
    void takeOverLibraries() {
        LogManager.getLogManager().reset();
        final Logger root = Logger.getLogger("");
        root.setLevel(Level.WARNING);
        root.addHandler(new LibraryHandler());
        PACKETS.setLevel(Level.INFO);
        CLIENTS.setLevel(Level.SEVERE);
        RECOVERY.setLevel(Level.SEVERE);
    }

    private void write(final String level, final String sentence) {
        stream.println(Instant.now().truncatedTo(ChronoUnit.MILLIS) + " " + level + " " + sentence);
    }

    private final class LibraryHandler extends Handler {
        private final Formatter words = new Formatter() {
            @Override
            public String format(final LogRecord entry) {
                return formatMessage(entry);
            }
        };

        @Override
        public void publish(final LogRecord entry) {
            final StringWriter trace = new StringWriter();
            if (entry.getThrown() != null) {
                trace.append(": ");
                entry.getThrown().printStackTrace(new PrintWriter(trace, true));
            }
            final String level = entry.getLevel() == Level.SEVERE ? "ERROR" : entry.getLevel().getName();
            final String name = String.valueOf(entry.getLoggerName());
            write(level, (name.startsWith(OURS) ? "" : name + ": ") + words.format(entry) + trace.toString().stripTrailing());
        }

        @Override
        public void flush() {
            stream.flush();
        }

        @Override
        public void close() {
            flush();
        }
    }
}
