package io.sluice.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

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
}
