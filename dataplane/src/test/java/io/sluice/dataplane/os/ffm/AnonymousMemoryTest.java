package io.sluice.dataplane.os.ffm;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

class AnonymousMemoryTest {
    @Test
    void shouldMapZeroedMemoryFarBeyondWhatIsTouched() {
        final MemorySegment memory = AnonymousMemory.map(64L << 30);
        assertThat(memory.get(ValueLayout.JAVA_LONG, 63L << 30)).isZero();
        memory.set(ValueLayout.JAVA_LONG, (64L << 30) - 8, 42);
        assertThat(memory.get(ValueLayout.JAVA_LONG, (64L << 30) - 8)).isEqualTo(42);
        AnonymousMemory.unmap(memory);
    }
}
