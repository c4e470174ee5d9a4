package io.sluice.dataplane.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Records that are read on another thread. */
@Timeout(30)
class ReadAheadTest {
    private final AtomicLong read = new AtomicLong();
    private final List<Long> taken = new ArrayList<>();

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 511, 512, 513, 10_000})
    void shouldHandOutEveryRecordInOrder(final long count) {
        ReadAhead.forEach(visitor -> write(visitor, count), this::take);
        assertThat(taken).containsExactlyElementsOf(LongStream.range(0, count).boxed().toList());
    }

    @Test
    void shouldTakeWhatWasReadBeforeTheFilesFailed() {
        assertThatThrownBy(() -> ReadAhead.forEach(visitor -> {
            write(visitor, 1000);
            throw new IllegalStateException("unreadable");
        }, this::take)).isInstanceOf(IllegalStateException.class).hasMessage("unreadable");
        assertThat(taken).hasSize(1000);
    }

    @Test
    void shouldReadToTheEndWhenNobodyTakesAnyMore() {
        assertThatThrownBy(() -> ReadAhead.forEach(visitor -> write(visitor, 10_000), record -> {
            take(record);
            throw new IllegalArgumentException("no");
        })).isInstanceOf(IllegalArgumentException.class).hasMessage("no");
        assertThat(taken).hasSize(1);
        assertThat(read).hasValue(10_000);
    }

    @Test
    void shouldKeepAnInterruptForTheCaller() {
        Thread.currentThread().interrupt();
        ReadAhead.forEach(visitor -> write(visitor, 2000), this::take);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(taken).hasSize(2000);
    }

    private void write(final RecordVisitor visitor, final long count) {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment record = arena.allocate(ConnectionRecord.LENGTH, Long.BYTES);
            for (long i = 0; i < count; i++) {
                record.set(ValueLayout.JAVA_LONG, 0, i);
                read.incrementAndGet();
                visitor.visit(record);
            }
        }
    }

    private void take(final MemorySegment record) {
        taken.add(record.get(ValueLayout.JAVA_LONG, 0));
    }
}
