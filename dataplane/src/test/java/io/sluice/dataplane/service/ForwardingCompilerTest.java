package io.sluice.dataplane.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.dataplane.api.AclSpec;
import io.sluice.dataplane.api.BackendSpec;
import io.sluice.dataplane.api.DataplaneException;
import io.sluice.dataplane.api.ForwardingSpec;
import io.sluice.dataplane.api.LimitsSpec;
import io.sluice.dataplane.api.ListenerSpec;
import io.sluice.dataplane.api.LocalPoolSpec;
import io.sluice.dataplane.api.Protocol;
import io.sluice.dataplane.api.SchedulerKind;
import io.sluice.dataplane.api.ServerGroupSpec;
import io.sluice.dataplane.api.Timeouts;
import io.sluice.dataplane.api.TtmSpec;
import io.sluice.dataplane.api.VirtualAddressSpec;
import io.sluice.dataplane.counter.CountersFile;
import io.sluice.dataplane.nat.PortLeases;
import io.sluice.dataplane.wire.Address;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ForwardingCompilerTest {
    private static final InetAddress VIP = InetAddress.ofLiteral("203.0.113.10");
    private static final InetAddress SERVER_A = InetAddress.ofLiteral("10.2.0.11");
    private static final InetAddress SERVER_B = InetAddress.ofLiteral("10.2.0.12");
    private static final LocalPoolSpec POOL = pool("10.2.0.100");

    @TempDir
    private Path directory;
    private CountersFile counters;
    private ForwardingCompiler compiler;

    @BeforeEach
    void makeCompiler() {
        counters = CountersFile.create(directory, 256);
        compiler = new ForwardingCompiler(counters);
    }

    @AfterEach
    void close() {
        counters.close();
    }

    @Test
    void shouldFindListenersByAddressPortAndProtocol() {
        final ForwardingTable table = compile(group(up(SERVER_A)), listener(80), listener(443));
        assertThat(find(table, 80).spec().port()).isEqualTo(80);
        assertThat(find(table, 443).spec().port()).isEqualTo(443);
        assertThat(find(table, 81)).isNull();
        assertThat(table.listener(Protocol.UDP.number(), Address.high(VIP), Address.low(VIP), 80)).isNull();
        assertThat(table.owner(Address.high(VIP), Address.low(VIP))).isEqualTo(ForwardingTable.VIRTUAL);
        assertThat(table.owner(Address.high(SERVER_A), Address.low(SERVER_A))).isEqualTo(ForwardingTable.NOT_OURS);
    }

    @Test
    void shouldKeepNumbersCountersPortsAndTurnsWhenNothingChanges() {
        final ForwardingTable before = compile(group(up(SERVER_A), up(SERVER_B)), listener(80), listener(443));
        final Listener listener = find(before, 443);
        final Backend backend = listener.group().member(1);
        final ForwardingTable after = compile(group(up(SERVER_A), up(SERVER_B)), listener(80), listener(443));
        final Listener same = find(after, 443);
        assertThat(same.id()).isEqualTo(listener.id());
        assertThat(same.counters()).isSameAs(listener.counters());
        assertThat(same.scheduler()).isSameAs(listener.scheduler());
        assertThat(same.limits()).isSameAs(listener.limits());
        assertThat(same.group()).isSameAs(listener.group());
        assertThat(same.group().member(1)).isSameAs(backend);
        assertThat(after.backendById(backend.id())).isSameAs(backend);
    }

    @Test
    void shouldStartTurnsAnewButKeepBackendsWhenAGroupChanges() {
        final Listener before = find(compile(group(up(SERVER_A)), listener(80)), 80);
        final Listener after = find(compile(group(up(SERVER_B), up(SERVER_A)), listener(80)), 80);
        assertThat(after.group().member(1)).isSameAs(before.group().member(0));
        assertThat(after.scheduler()).isNotSameAs(before.scheduler());
        assertThat(after.id()).isEqualTo(before.id());
    }

    @Test
    void shouldTakeBackendsThatAreDownOutOfTurn() {
        final Listener listener = find(compile(group(new BackendSpec(SERVER_A, 80, 5, false), up(SERVER_B)), listener(80)), 80);
        assertThat(listener.group().weight(0)).isZero();
        assertThat(listener.group().weight(1)).isEqualTo(1);
        for (int i = 0; i < 4; i++) {
            assertThat(listener.scheduler().pick(0, i, i)).isEqualTo(1);
        }
    }

    @Test
    void shouldShareABackendAmongListenersThatShareItsPool() {
        final ForwardingTable table = compile(group(up(SERVER_A)), listener(80), listener(443));
        assertThat(find(table, 80).group().member(0)).isSameAs(find(table, 443).group().member(0));
        assertThat(table.backends()).hasSize(1);
    }

    @Test
    void shouldGiveABackendNewPortsWhenThePoolChangesAndKeepTheOldWhileItHasConnections() {
        final Backend old = find(compile(group(up(SERVER_A)), listener(80)), 80).group().member(0);
        final int lease = old.leases().lease();
        old.connectionOpened();
        final ForwardingTable after = compiler.compile(spec(pool("10.2.0.101"), group(up(SERVER_A)), listener(80)), 0);
        final Backend next = find(after, 80).group().member(0);
        assertThat(next).isNotSameAs(old);
        assertThat(next.leases().pool().addressLow(0)).isEqualTo(Address.low(InetAddress.ofLiteral("10.2.0.101")));
        assertThat(after.backendById(old.id())).as("its connections still need it").isSameAs(old);
        assertThat(old.leases().release(lease)).isTrue();
        old.connectionClosed();
        assertThat(compiler.compile(spec(pool("10.2.0.101"), group(up(SERVER_A)), listener(80)), 0).backends()).containsExactly(next);
    }

    @Test
    void shouldForgetARemovedListenerOnlyWhenItsConnectionsAreGone() {
        final Listener removed = find(compile(group(up(SERVER_A)), listener(80), listener(443)), 80);
        removed.counters().opened();
        final ForwardingTable after = compile(group(up(SERVER_A)), listener(443), listener(8080));
        assertThat(find(after, 80)).isNull();
        assertThat(after.listenerById(removed.id())).isNull();
        assertThat(after.anyListenerById(removed.id())).isSameAs(removed);
        assertThat(after.hasRemovedListeners()).isTrue();
        assertThat(after.listeners()).extracting(Listener::id).as("nobody inherits its number").doesNotContain(removed.id());
        removed.counters().closed();
        final ForwardingTable later = compile(group(up(SERVER_A)), listener(443), listener(8080));
        assertThat(later.hasRemovedListeners()).isFalse();
        assertThat(find(compile(group(up(SERVER_A)), listener(443), listener(8080), listener(9090)), 9090).id()).isEqualTo(removed.id());
    }

    @Test
    void shouldGiveAListenerThatComesBackItsNumberAndItsCounters() {
        final Listener removed = find(compile(group(up(SERVER_A)), listener(80), listener(443)), 80);
        removed.counters().opened();
        compile(group(up(SERVER_A)), listener(443));
        final ForwardingTable after = compile(group(up(SERVER_A)), listener(443), listener(80));
        assertThat(find(after, 80).id()).isEqualTo(removed.id());
        assertThat(find(after, 80).counters()).isSameAs(removed.counters());
        assertThat(after.hasRemovedListeners()).isFalse();
    }

    /** Until the lane takes the new table, it opens connections with the old one. */
    @Test
    void shouldKeepWhatWasRemovedUntilNoLaneCanUseItAnyMore() {
        final ForwardingTable before = compile(group(up(SERVER_A), up(SERVER_B)), listener(80), listener(443));
        final Listener listener = find(before, 80);
        final Backend backend = listener.group().member(1);
        final ForwardingTable after = compile(group(up(SERVER_A)), listener(443));
        final int lease = backend.leases().lease();
        assertThat(lease).as("a lane that has not taken the new table").isNotEqualTo(PortLeases.NONE);
        backend.connectionOpened();
        listener.counters().opened();
        assertThat(after.backendById(backend.id())).isSameAs(backend);
        assertThat(after.anyListenerById(listener.id())).isSameAs(listener);
        final ForwardingTable later = compile(group(up(SERVER_A)), listener(443));
        assertThat(later.backendById(backend.id())).as("it has a connection").isSameAs(backend);
        assertThat(later.anyListenerById(listener.id())).isSameAs(listener);
        backend.leases().release(lease);
        backend.connectionClosed();
        listener.counters().closed();
        final ForwardingTable last = compile(group(up(SERVER_A)), listener(443));
        assertThat(last.backends()).doesNotContain(backend);
        assertThat(last.hasRemovedListeners()).isFalse();
        assertThat(backend.leases().capacity()).as("its memory is free").isZero();
    }

    @Test
    void shouldFreeCountersOfWhatIsGone() {
        final int none = counters.views().size();
        compile(group(up(SERVER_A), up(SERVER_B)), listener(80), listener(443));
        final int all = counters.views().size();
        compile(group(up(SERVER_A)), listener(80));
        compile(group(up(SERVER_A)), listener(80));
        assertThat(counters.views()).hasSize(none + (all - none) / 2);
        compiler.compile(ForwardingSpec.EMPTY, 0);
        compiler.compile(ForwardingSpec.EMPTY, 0);
        assertThat(counters.views()).hasSize(none);
    }

    @Test
    void shouldRefuseRatherThanStopHalfwayWhenCountersAreNotYetFreeAgain() {
        for (int i = 0; i < 60; i++) {
            final int port = 1000 + i;
            try {
                compile(group(up(SERVER_A), up(SERVER_B)), listener(port));
            } catch (final DataplaneException e) {
                assertThat(e).hasMessageContaining("try again in a second");
                Awaitility.await().until(() -> counters.hasRoomFor(1));
                compile(group(up(SERVER_A), up(SERVER_B)), listener(port));
            }
        }
    }

    /** Listeners and backends that exist have their counters already. */
    @Test
    void shouldTakeTheSameConfigurationAgainWhenTheFileIsFull() {
        final ListenerSpec[] many = new ListenerSpec[35];
        Arrays.setAll(many, i -> listener(1000 + i));
        compile(group(up(SERVER_A)), many);
        assertThat(counters.hasRoomFor(1)).isFalse();
        assertThat(compile(group(up(SERVER_A)), many).listeners()).hasSize(35);
    }

    @Test
    void shouldChangeNothingWhenASpecificationIsWrong() {
        final ForwardingTable before = compile(group(up(SERVER_A)), listener(80));
        final long used = counters.views().size();
        final ListenerSpec stray = listener(81, "elsewhere", "pool");
        assertThatThrownBy(() -> compile(group(up(SERVER_B)), listener(443), stray)).isInstanceOf(DataplaneException.class)
            .hasMessage("listener tcp-81: there is no server group elsewhere");
        assertThatThrownBy(() -> compile(group(up(SERVER_B)), listener(443), listener(81, "group", "nowhere")))
            .isInstanceOf(DataplaneException.class).hasMessage("listener tcp-81: there is no local pool nowhere");
        final ListenerSpec[] many = new ListenerSpec[60];
        Arrays.setAll(many, i -> listener(1000 + i));
        assertThatThrownBy(() -> compile(group(up(SERVER_A)), many)).isInstanceOf(DataplaneException.class)
            .hasMessageContaining("counters file has no room");
        assertThat(counters.views()).hasSize((int) used);
        final ForwardingTable after = compile(group(up(SERVER_A)), listener(80));
        assertThat(find(after, 80).counters()).isSameAs(find(before, 80).counters());
        assertThat(after.listeners()).hasSize(1);
        assertThat(after.backends()).hasSize(1);
    }

    private ForwardingTable compile(final ServerGroupSpec group, final ListenerSpec... listeners) {
        return compiler.compile(spec(POOL, group, listeners), 0);
    }

    private static ForwardingSpec spec(final LocalPoolSpec pool, final ServerGroupSpec group, final ListenerSpec... listeners) {
        return new ForwardingSpec(1, List.of(new VirtualAddressSpec(VIP, null)), List.of(pool), List.of(group), List.of(listeners));
    }

    private static LocalPoolSpec pool(final String address) {
        return new LocalPoolSpec("pool", List.of(InetAddress.ofLiteral(address)), 20_000, 20_009, null);
    }

    private static BackendSpec up(final InetAddress server) {
        return new BackendSpec(server, 80, 1, true);
    }

    private static ServerGroupSpec group(final BackendSpec... backends) {
        return new ServerGroupSpec("group", List.of(backends));
    }

    private static ListenerSpec listener(final int port) {
        return listener(port, "group", "pool");
    }

    private static ListenerSpec listener(final int port, final String group, final String pool) {
        return new ListenerSpec("tcp-" + port, Protocol.TCP, VIP, port, group, pool, SchedulerKind.ROUND_ROBIN, Timeouts.DEFAULT,
            TtmSpec.DEFAULT, AclSpec.EVERYBODY, LimitsSpec.NONE, true, false, false);
    }

    private static Listener find(final ForwardingTable table, final int port) {
        return table.listener(Protocol.TCP.number(), Address.high(VIP), Address.low(VIP), port);
    }
}
