package io.sluice.dataplane.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class IdSpaceTest {
    private final IdSpace<String, String> space = new IdSpace<>(String[]::new);

    @Test
    void shouldKeepTheNumberOfAKeyThroughChanges() {
        space.put("a", id -> "a" + id);
        space.put("b", id -> "b" + id);
        assertThat(space.put("a", id -> "new a" + id)).isEqualTo("new a0");
        assertThat(space.get("a")).isEqualTo("new a0");
        assertThat(space.get("c")).isNull();
        assertThat(space.byId()).containsExactly("new a0", "b1");
    }

    @Test
    void shouldGiveTheNumbersOfRemovedThingsToOthers() {
        for (final String key : List.of("a", "b", "c")) {
            space.put(key, id -> key);
        }
        final List<String> removed = new ArrayList<>();
        space.retain(Set.of("c"), value -> value.equals("a"), removed::add);
        assertThat(removed).containsExactly("a");
        assertThat(space.byId()).containsExactly(null, "b", "c");
        assertThat(space.put("d", id -> "d" + id)).isEqualTo("d0");
        space.retain(Set.of("d"), value -> true, removed::add);
        assertThat(space.byId()).containsExactly("d0");
    }

    @Test
    void shouldNeverHaveTwoThingsUnderOneNumber() {
        final Random random = new Random(5);
        final Map<String, Integer> ids = new HashMap<>();
        for (int step = 0; step < 5000; step++) {
            final String key = "k" + random.nextInt(30);
            space.put(key, id -> {
                assertThat(ids.getOrDefault(key, id)).isEqualTo(id);
                ids.put(key, id);
                return key;
            });
            if (random.nextInt(5) == 0) {
                final Set<String> live = new HashSet<>(ids.keySet());
                live.removeIf(any -> random.nextInt(3) == 0);
                final Set<String> needed = Set.of("k1", "k2", "k3");
                space.retain(live, value -> !needed.contains(value), ids::remove);
            }
            assertThat(ids.values()).doesNotHaveDuplicates();
            final String[] things = space.byId();
            ids.forEach((known, id) -> assertThat(things[id]).isEqualTo(known));
        }
    }
}
