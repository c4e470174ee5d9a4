package io.sluice.tools.cli;

import io.sluice.control.Version;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/** {@code sluice version}. */
@Command(name = "version", mixinStandardHelpOptions = true, description = "The version of this command; status has the daemon's.")
final class VersionCommand implements Runnable {
    @ParentCommand
    private Sluice sluice;

    @Override
    public void run() {
        sluice.out().println("sluice " + Version.text());
    }
}
