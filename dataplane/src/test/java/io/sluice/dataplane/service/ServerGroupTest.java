package io.sluice.dataplane.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ServerGroupTest {
    @Test
    void shouldBeUsableWhenAnyWeightIsAboveZero() {
        assertThat(Groups.weighted().hasUsable()).isFalse();
        assertThat(Groups.weighted(0, 0).hasUsable()).isFalse();
        assertThat(Groups.weighted(0, 1).hasUsable()).isTrue();
    }

    @Test
    void shouldNotChangeWithTheArraysItWasMadeFrom() {
        final Backend[] members = Groups.backends(2);
        final int[] weights = {1, 2};
        final ServerGroup group = Groups.of(members, weights);
        final Backend first = members[0];
        members[0] = members[1];
        weights[0] = 9;
        assertThat(group.member(0)).isSameAs(first);
        assertThat(group.weight(0)).isEqualTo(1);
    }

    @Test
    void shouldEqualAGroupOfTheSameBackendsAndWeightsOnly() {
        final Backend[] members = Groups.backends(2);
        final ServerGroup group = Groups.of(members, 1, 2);
        assertThat(group).isEqualTo(Groups.of(members, 1, 2)).hasSameHashCodeAs(Groups.of(members, 1, 2));
        assertThat(group).isNotEqualTo(Groups.of(members, 1, 0));
        assertThat(group).isNotEqualTo(Groups.of(new Backend[] {members[1], members[0]}, 1, 2));
        assertThat(group).isNotEqualTo(Groups.of(Groups.backends(2), 1, 2));
        assertThat(group).isNotEqualTo(new ServerGroup("other", members, new int[] {1, 2}));
    }

    @Test
    void shouldRefuseWeightsThatDoNotFit() {
        assertThatThrownBy(() -> Groups.of(Groups.backends(2), 1)).isInstanceOf(IllegalArgumentException.class)
            .hasMessage("group test: 2 members, 1 weights");
        assertThatThrownBy(() -> Groups.weighted(1, -1)).isInstanceOf(IllegalArgumentException.class)
            .hasMessage("group test: weight -1 is not within 0 and 65535");
        assertThatThrownBy(() -> Groups.weighted(65_536)).isInstanceOf(IllegalArgumentException.class);
    }
}
