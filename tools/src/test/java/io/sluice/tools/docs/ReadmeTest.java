package io.sluice.tools.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the READMEs name exists. */
class ReadmeTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]+)(#[^)]*)?\\)");
    private static final Pattern CLASS = Pattern.compile("`([A-Z][a-z0-9]+(?:[A-Z][a-z0-9]+)+)`");
    /** Names of other people's things that look like classes of ours. */
    private static final Set<String> NOT_OURS = Set.of("KeepAliveClient", "RemainAfterExit", "BatchEventProcessor");

    private static List<Path> readmes;
    private static Set<String> classes;

    @BeforeAll
    static void find() throws IOException {
        try (Stream<Path> files = Files.walk(ROOT)) {
            final List<Path> all = files
                .filter(file -> !file.toString().contains("/target/") && !file.toString().contains("/.git/")).toList();
            readmes = all.stream().filter(file -> file.endsWith("README.md")).toList();
            classes = all.stream().map(file -> file.getFileName().toString()).filter(name -> name.endsWith(".java"))
                .map(name -> name.substring(0, name.length() - ".java".length())).collect(Collectors.toSet());
        }
    }

    @Test
    void shouldStandInEveryTopFolder() {
        assertThat(readmes).contains(ROOT.resolve("README.md"), ROOT.resolve("native/README.md"), ROOT.resolve("dataplane/README.md"),
            ROOT.resolve("control/README.md"), ROOT.resolve("kmod-ttm/README.md"), ROOT.resolve("tools/README.md"));
    }

    @Test
    void shouldLinkOnlyToWhatExists() throws IOException {
        for (final Path readme : readmes) {
            final Matcher links = LINK.matcher(Files.readString(readme));
            while (links.find()) {
                assertThat(readme.resolveSibling(links.group(1)).normalize()).as("link in " + ROOT.relativize(readme)).exists();
            }
        }
    }

    @Test
    void shouldNameOnlyClassesThatExist() throws IOException {
        for (final Path readme : readmes) {
            final Matcher names = CLASS.matcher(Files.readString(readme));
            while (names.find()) {
                if (!NOT_OURS.contains(names.group(1))) {
                    assertThat(classes).as("class in " + ROOT.relativize(readme)).contains(names.group(1));
                }
            }
        }
    }
}
