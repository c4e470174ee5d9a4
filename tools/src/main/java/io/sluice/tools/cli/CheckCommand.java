package io.sluice.tools.cli;

import io.sluice.control.config.ConfigReader;
import io.sluice.control.yaml.InvalidConfigException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code sluice check -f FILE}: without a daemon. */
@Command(name = "check", mixinStandardHelpOptions = true, description = "Says whether a configuration is right; needs no daemon.")
final class CheckCommand implements Runnable {
    @ParentCommand
    private Sluice sluice;

    @Option(names = {"-f", "--file"}, required = true, paramLabel = "FILE", description = "The configuration; - is standard input.")
    private String file;

    @Override
    public void run() {
        try {
            ConfigReader.read(FileArgument.read(file));
            sluice.err().println(FileArgument.shown(file) + " is right");
        } catch (final InvalidConfigException e) {
            throw new CommandFailure(ExitCode.FAILED, e.getMessage() + "\n" + e.describe(FileArgument.shown(file)));
        }
    }
}
