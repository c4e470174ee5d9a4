package io.sluice.dataplane.service;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BackendTest {
    @Test
    void shouldCountItsConnections() {
        final Backend backend = Groups.backend(0);
        backend.connectionOpened();
        backend.connectionOpened();
        backend.connectionClosed();
        assertThat(backend.activeConnections()).isEqualTo(1);
    }

    @Test
    void shouldNameItself() {
        final Backend backend = Groups.backend(6);
        assertThat(backend).hasToString("TCP 10.2.0.7:80");
        assertThat(backend.isIpv4()).isTrue();
        assertThat(backend.id()).isEqualTo(6);
    }

    @Test
    void shouldGiveItsPortsBackWhenClosed() {
        final Backend backend = Groups.backend(0);
        final long before = backend.leases().pool().leased();
        backend.leases().lease();
        assertThat(backend.leases().pool().leased()).isEqualTo(before + 1);
        backend.close();
        assertThat(backend.leases().pool().leased()).isEqualTo(before);
    }
}
