package io.sluice.control;

/** The daemon's process with a data plane that only remembers, to be started by tests. */
public final class RecordingDaemon {
    private RecordingDaemon() {
    }

    /** Runs like {@link Daemon#main}. */
    public static void main(final String[] args) {
        DaemonProcess.run(args, new RecordingDataplane()::open);
    }
}
