package io.sluice.dataplane.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The object that the build makes with clang. */
class BpfObjectTest {
    private static byte[] file;

    @BeforeAll
    static void readFile() throws IOException {
        try (InputStream stream = BpfObjectTest.class.getResourceAsStream("/native/owned_drop.bpf.o")) {
            file = stream.readAllBytes();
        }
    }

    @Test
    void shouldReadProgramMapsAndReferences() {
        final BpfObject object = BpfObject.parse(file);
        assertThat(object.license()).isEqualTo("GPL");
        assertThat(object.maps()).containsOnlyKeys("owned_listeners", "owned_addresses", "dropped");
        assertThat(object.maps().get("owned_listeners")).isEqualTo(new BpfObject.MapDefinition("owned_listeners", 1, 20, 4, 65_536, 1));
        assertThat(object.maps().get("owned_addresses").valueSize()).isEqualTo(20);
        final BpfObject.Program program = object.programs().get("owned_drop");
        assertThat(program.section()).isEqualTo("tc");
        assertThat(program.mapUses().values()).contains("owned_listeners", "owned_addresses", "dropped");
        // ld_imm64 is opcode 0x18.
        assertThat(program.mapUses().keySet()).allMatch(index -> program.instructions()[index * BpfObject.INSTRUCTION_LENGTH] == 0x18);
    }

    @Test
    void shouldRefuseWhatIsNoObject() {
        assertThatThrownBy(() -> BpfObject.parse(new byte[0])).isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("not a BPF object");
        assertThatThrownBy(() -> BpfObject.parse(Arrays.copyOf(file, file.length / 2))).isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("cut or damaged");
    }

    @Test
    void shouldThrowNothingElseWhenDamaged() {
        for (long seed = 1; seed <= 2_000; seed++) {
            final Random random = new Random(seed);
            final byte[] damaged = Arrays.copyOf(file, random.nextInt(3) == 0 ? random.nextInt(file.length) : file.length);
            for (int flips = random.nextInt(64); flips >= 0 && damaged.length > 0; flips--) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
            }
            try {
                assertThat(BpfObject.parse(damaged)).isNotNull();
            } catch (final IllegalArgumentException e) {
                assertThat(e).as("seed %d", seed).hasMessageMatching("(?s).+");
            }
        }
    }
}
