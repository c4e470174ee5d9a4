package io.sluice.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class OperatorMessagesTest {
    private final OperatorMessages messages = new OperatorMessages();

    @Test
    void shouldKeepWhatWasSaidOnceHoweverOftenItIsSaid() {
        messages.say("first");
        messages.say("second");
        messages.say("first");
        assertThat(messages.list()).containsExactly("first", "second");
    }

    @Test
    void shouldForgetWhatNoLongerHolds() {
        messages.say("first");
        messages.say("second");
        messages.withdraw("first");
        messages.withdraw("never said");
        assertThat(messages.list()).containsExactly("second");
        messages.say("first");
        assertThat(messages.list()).as("it is news again").containsExactly("second", "first");
    }

    @Test
    void shouldWithdrawWhatASourceNoLongerSays() {
        final OperatorMessages.Topic links = messages.topic();
        messages.say("of somebody else");
        links.say(() -> List.of("eth0 is gone", "eth1 is gone"));
        links.say(() -> List.of("eth1 is gone"));
        assertThat(messages.list()).containsExactly("of somebody else", "eth1 is gone");
        links.say(() -> List.of());
        assertThat(messages.list()).containsExactly("of somebody else");
    }
}
