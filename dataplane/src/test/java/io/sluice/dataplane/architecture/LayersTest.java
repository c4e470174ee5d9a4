package io.sluice.dataplane.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static io.sluice.dataplane.architecture.Dataplane.CLASSES;
import static io.sluice.dataplane.architecture.Dataplane.ROOT;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import java.lang.foreign.Linker;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Who may know whom, from the bottom to the top. */
class LayersTest {
    /** A package that is not in this table has no place yet; the root package may know everything. */
    private static final Map<String, Set<String>> MAY_KNOW = Map.ofEntries(
        Map.entry("wire", Set.of()),
        Map.entry("verdict", Set.of()),
        Map.entry("api", Set.of("wire")),
        Map.entry("counter", Set.of("api", "verdict")),
        Map.entry("os", Set.of("wire")),
        Map.entry("port", Set.of("api", "os", "verdict", "wire")),
        Map.entry("neighbour", Set.of("api", "os", "wire")),
        Map.entry("classify", Set.of("port", "verdict", "wire")),
        Map.entry("connection", Set.of("api", "os", "wire")),
        Map.entry("nat", Set.of("api", "classify", "connection", "counter", "neighbour", "os", "port", "verdict", "wire")),
        Map.entry("service", Set.of("api", "connection", "counter", "nat", "wire")),
        Map.entry("pipeline", Set.of("api", "classify", "connection", "counter", "nat", "neighbour", "port", "service", "verdict", "wire")),
        Map.entry("trace", Set.of("api", "connection", "counter", "nat", "neighbour", "pipeline", "service", "verdict", "wire")));

    @Test
    void shouldHaveAPlaceForEveryPackage() {
        final Set<String> found = new TreeSet<>();
        CLASSES.forEach(type -> found.add(Dataplane.layer(type)));
        found.remove("");
        assertThat(found).containsExactlyInAnyOrderElementsOf(MAY_KNOW.keySet());
    }

    @Test
    void shouldOnlyKnowWhatIsBelow() {
        final Set<String> wrong = new TreeSet<>();
        for (final JavaClass type : CLASSES) {
            final String layer = Dataplane.layer(type);
            for (final Dependency dependency : type.getDirectDependenciesFromSelf()) {
                final JavaClass known = dependency.getTargetClass().getBaseComponentType();
                if (!layer.isEmpty() && known.getPackageName().startsWith(ROOT) && !isBelow(layer, known)) {
                    wrong.add(type.getName() + " knows " + known.getName());
                }
            }
        }
        assertThat(wrong).isEmpty();
    }

    private static boolean isBelow(final String layer, final JavaClass known) {
        final String other = Dataplane.layer(known);
        return other.equals(layer) || MAY_KNOW.get(layer).contains(other);
    }

    @Test
    void shouldHaveNoCycles() {
        slices().matching(ROOT + ".(*)..").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void shouldKnowNothingOfTheRestOfSluice() {
        noClasses().should().dependOnClassesThat().resideInAnyPackage("io.sluice.control..", "io.sluice.tools..").check(CLASSES);
    }

    @Test
    void shouldBuildTheWireOnNothingButTheJdk() {
        noClasses().that().resideInAPackage(ROOT + ".wire..").should()
            .dependOnClassesThat().resideOutsideOfPackages("java..", ROOT + ".wire..").check(CLASSES);
    }

    @Test
    void shouldCallTheOperatingSystemFromOnePlace() {
        noClasses().that().resideOutsideOfPackage(ROOT + ".os.ffm..").should().dependOnClassesThat().areAssignableTo(Linker.class)
            .check(CLASSES);
    }

    /** Time is read once per turn and handed down; who else looks at a clock is named here, with the reason. */
    @Test
    void shouldReadTheClockInFewPlaces() {
        final Map<String, String> allowed = Map.of(
            "io.sluice.dataplane.pipeline.Clock", "it is the lane's clock",
            "io.sluice.dataplane.Lanes", "the control thread: how long lanes take for a new configuration",
            "io.sluice.dataplane.OperatorMessages", "repeats no message within a while",
            "io.sluice.dataplane.neighbour.KernelFib", "its own thread: when to ask for neighbours again",
            "io.sluice.dataplane.neighbour.AddressInstaller", "the control thread: when to ask for and to announce addresses again",
            "io.sluice.dataplane.counter.CountersFile", "the control thread: when a freed counter may be used again");
        final Set<String> clocks = Set.of("java.lang.System.nanoTime", "java.lang.System.currentTimeMillis", "java.time.Instant.now",
            "java.time.Clock.systemUTC");
        final Set<String> found = new TreeSet<>();
        for (final JavaClass type : CLASSES) {
            final boolean calls = Dataplane.calls(type)
                .anyMatch(call -> clocks.contains(call.getTargetOwner().getName() + "." + call.getName()));
            final boolean uses = type.getDirectDependenciesFromSelf().stream()
                .anyMatch(dependency -> List.of("org.agrona.concurrent").contains(dependency.getTargetClass().getPackageName())
                    && dependency.getTargetClass().getSimpleName().endsWith("Clock"));
            if (calls || uses) {
                found.add(type.getName());
            }
        }
        assertThat(found).containsExactlyInAnyOrderElementsOf(allowed.keySet());
    }
}
