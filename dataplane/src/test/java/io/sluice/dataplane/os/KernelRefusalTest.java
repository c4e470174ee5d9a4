package io.sluice.dataplane.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.dataplane.api.DataplaneException;
import io.sluice.dataplane.lab.NetworkNamespace;
import io.sluice.dataplane.neighbour.OwnedTraffic;
import io.sluice.dataplane.os.ffm.BpfSyscall;
import io.sluice.dataplane.os.ffm.NetlinkSocket;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What the kernel says no to, and how that reads. */
@Tag("netns")
class KernelRefusalTest {
    @Test
    void shouldPassOnTheVerifiersWords() {
        // r0 = r9, which was never written; exit.
        final byte[] instructions = {(byte) 0xbf, (byte) 0x90, 0, 0, 0, 0, 0, 0, (byte) 0x95, 0, 0, 0, 0, 0, 0, 0};
        assertThatThrownBy(() -> new BpfSyscall().loadProgram("wrong", Bpf.PROGRAM_TC, instructions, "GPL"))
            .isInstanceOf(BpfException.class).hasMessageContaining("cannot load the BPF program wrong").hasMessageContaining("R9 !read_ok");
    }

    @Test
    void shouldPassOnTheKernelsErrorNumberAndWords() {
        try (NetworkNamespace namespace = NetworkNamespace.create("empty");
             RtnetlinkClient kernel = namespace.call(() -> new RtnetlinkClient(NetlinkSocket.open(65_536)))) {
            final RtnetlinkFilters filters = new RtnetlinkFilters(kernel);
            assertThatThrownBy(() -> filters.makeClsact(999)).isInstanceOf(NetlinkException.class)
                .extracting(thrown -> ((NetlinkException) thrown).errno()).isEqualTo(Errno.ENODEV);
            assertThatThrownBy(() -> filters.attach(1, new RtnetlinkFilters.Filter(1, 1, "x"), -1)).isInstanceOf(NetlinkException.class)
                .hasMessageContaining("the kernel says");
            assertThat(filters.ingress(1)).isEmpty();
        }
    }

    @Test
    void shouldSayWhichCapabilitiesAreMissing() throws IOException, InterruptedException {
        final Process child = new ProcessBuilder("setpriv", "--bounding-set=-all", "--inh-caps=-all",
            ProcessHandle.current().info().command().orElseThrow(), "--enable-native-access=ALL-UNNAMED",
            "-cp", System.getProperty("java.class.path"), WithoutCapabilities.class.getName()).redirectErrorStream(true).start();
        final String output = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(child.waitFor()).as(output).isZero();
        assertThat(output).contains("CAP_BPF and CAP_NET_ADMIN").contains("start Sluice as root");
    }

    /** Runs without any capability and prints what it is told. */
    static final class WithoutCapabilities {
        private WithoutCapabilities() {
        }

        public static void main(final String[] arguments) {
            try {
                OwnedTraffic.load(List.of("lo")).leave();
            } catch (final DataplaneException e) {
                System.out.println(e.getMessage());
            }
        }
    }
}
