package io.sluice.dataplane.architecture;

import static io.sluice.dataplane.architecture.Dataplane.CLASSES;
import static io.sluice.dataplane.architecture.Dataplane.ROOT;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaModifier;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What a lane runs for a packet: it allocates nothing, locks nothing, logs nothing and reads no clock. Constructors may do as they
 * like, since they run before the first packet, and so may what is only for people.
 */
class PacketPathTest {
    /** Packages of which all classes are on the packet's way, but for those named in {@link #BESIDE}. */
    private static final Set<String> PACKAGES = Set.of("wire", "classify", "nat");
    private static final Set<String> BESIDE = Set.of("wire.Ipv6Text", "nat.LocalPortPool");
    private static final Set<String> CLASSES_ON_THE_WAY = Set.of(
        "connection.ConnectionTable", "connection.ConnectionRecord", "connection.ConnectionLinks", "connection.ExpiryWheel",
        "connection.FlowHash", "connection.TcpState", "connection.ConnectionEvent",
        "service.RoundRobin", "service.WeightedRoundRobin", "service.WeightedLeastConnections", "service.ConsistentHash",
        "service.KeyHash", "service.PrefixSet", "service.TokenBucket", "service.Listener", "service.ListenerLimits", "service.Backend",
        "pipeline.PacketPath", "pipeline.Forwarder", "pipeline.Opener", "pipeline.Tracker", "pipeline.IcmpPath", "pipeline.Reaper",
        "pipeline.Connections", "pipeline.Tails", "pipeline.Ownership", "pipeline.HandOverRing",
        "pipeline.Turn", "pipeline.LaneEvent", "pipeline.Sender", "pipeline.Receiver",
        "pipeline.ForwardingSource", "port.Burst", "port.FrameArena", "port.FramePool", "port.Frames", "neighbour.CompiledFib",
        "counter.LaneCounters", "counter.SubjectCounters");
    /** For people, for the start or for the end. */
    private static final Set<String> BESIDE_METHODS = Set.of("toString", "toInetAddress", "name", "close", "allocate", "start");
    private static final Set<String> BOXES = Set.of("java.lang.Integer", "java.lang.Long", "java.lang.Boolean", "java.lang.Byte",
        "java.lang.Short", "java.lang.Character", "java.lang.Double");

    @Test
    void shouldExistUnderTheNamesUsedHere() {
        Stream.concat(BESIDE.stream(), CLASSES_ON_THE_WAY.stream())
            .forEach(name -> assertThat(CLASSES.contain(ROOT + "." + name)).as(name).isTrue());
    }

    @Test
    void shouldMakeNoObjects() {
        assertThat(calls(call -> call.getName().equals("<init>"))).isEmpty();
    }

    @Test
    void shouldBoxNoNumbers() {
        assertThat(calls(call -> call.getName().equals("valueOf") && BOXES.contains(call.getTargetOwner().getName()))).isEmpty();
    }

    @Test
    void shouldCallNothingThatAllocatesLocksOrLooksAtAClock() {
        assertThat(calls(call -> {
            final JavaClass owner = call.getTargetOwner();
            final String method = owner.getName() + "." + call.getName();
            return owner.getPackageName().startsWith("java.util.stream") || owner.getPackageName().startsWith("java.util.concurrent.locks")
                || owner.getPackageName().startsWith("org.slf4j") || owner.getPackageName().startsWith("java.util.logging")
                || Set.of("java.lang.String.format", "java.lang.String.formatted", "java.lang.String.join", "java.lang.System.nanoTime",
                    "java.lang.System.currentTimeMillis", "java.lang.Thread.sleep", "java.lang.Object.wait",
                    "java.lang.foreign.MemorySegment.asSlice").contains(method)
                || method.endsWith(".values") && call.getTarget().getRawParameterTypes().isEmpty() && owner.isEnum();
        })).isEmpty();
    }

    @Test
    void shouldUseNoCollections() {
        final Set<String> found = new TreeSet<>();
        onTheWay().forEach(type -> type.getFields().stream()
            .filter(field -> !field.getModifiers().contains(JavaModifier.STATIC))
            .filter(field -> field.getRawType().isAssignableTo(Iterable.class) || field.getRawType().isAssignableTo(Map.class))
            .forEach(field -> found.add(field.getFullName())));
        assertThat(found).isEmpty();
    }

    @Test
    void shouldNotBeSynchronized() {
        final Set<String> found = new TreeSet<>();
        onTheWay().forEach(type -> type.getMethods().stream()
            .filter(method -> method.getModifiers().contains(JavaModifier.SYNCHRONIZED))
            .forEach(method -> found.add(method.getFullName())));
        assertThat(found).isEmpty();
    }

    private static Set<String> calls(final Predicate<JavaCall<?>> forbidden) {
        final Set<String> found = new TreeSet<>();
        onTheWay().flatMap(Dataplane::calls).filter(call -> isPerPacket(call.getOrigin())).filter(forbidden)
            .forEach(call -> found.add(call.getDescription()));
        return found;
    }

    private static boolean isPerPacket(final JavaCodeUnit unit) {
        return !unit.isConstructor() && !unit.getName().equals("<clinit>") && !BESIDE_METHODS.contains(unit.getName())
            && !isPartOfConstructors(unit);
    }

    private static boolean isPartOfConstructors(final JavaCodeUnit unit) {
        return !unit.getCallsOfSelf().isEmpty() && unit.getCallsOfSelf().stream()
            .allMatch(call -> call.getOrigin().isConstructor() || isPartOfConstructors(call.getOrigin()));
    }

    private static Stream<JavaClass> onTheWay() {
        return CLASSES.stream().filter(type -> {
            final String name = type.getName().substring(ROOT.length() + 1).replaceAll("\\$.*", "");
            return PACKAGES.contains(Dataplane.layer(type)) && !BESIDE.contains(name) || CLASSES_ON_THE_WAY.contains(name);
        }).filter(type -> !type.isEnum());
    }
}
