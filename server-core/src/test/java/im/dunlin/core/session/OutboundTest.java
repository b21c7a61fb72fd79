// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.session;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.config.Limits;
import im.dunlin.core.jid.FullJid;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.Presence;
import im.dunlin.core.stanza.Stanza;
import im.dunlin.core.stream.StreamError;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import im.dunlin.storage.Seed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class OutboundTest {
    private static final Limits.Resumption LIMITS = Limits.defaults().resumption();
    private static final Element ENABLED = Element.of(Name.of(Ns.STREAM_MANAGEMENT, "enabled"));
    private static final Element RESUMED = Element.of(Name.of(Ns.STREAM_MANAGEMENT, "resumed"));
    private static final FullJid JULIET = FullJid.of("juliet@localhost/balcony");

    private final Recorder wire = new Recorder();
    private long nanos;
    private int overfull;
    private final Outbound outbound = new Outbound(wire, () -> nanos);

    private static final class Recorder implements Wire {
        final List<String> written = new ArrayList<>();

        @Nullable
        StreamError error;

        @Override
        public void write(Stanza stanza) {
            written.add(String.valueOf(stanza.id()));
        }

        @Override
        public void write(Element nonza) {
            written.add('<' + nonza.name().local() + '>');
        }

        @Override
        public void hold() {}

        @Override
        public void release() {}

        @Override
        public void close(@Nullable StreamError with) {
            error = with;
        }

        @Override
        public void credit(int bytes) {}
    }

    private Management management() {
        return new Management("id", true, Duration.ofMinutes(5), LIMITS, () -> overfull++);
    }

    private static Stanza presence(int id) {
        return Presence.available(JULIET, JULIET).withId("p" + id);
    }

    private static Stanza chat(int id) {
        return Message.chat(JULIET, "hello").withId("m" + id);
    }

    @Test
    void stanzasBeforeEnabledAreNotKept() {
        outbound.deliver(presence(1));
        outbound.manage(management(), ENABLED);
        outbound.deliver(presence(2));

        assertThat(wire.written).containsExactly("p1", "<enabled>", "p2");
        assertThat(outbound.unacknowledged()).extracting(Stanza::id).containsExactly("p2");
    }

    @Test
    void contentAsksForAnAcknowledgementAtOnceAndPresenceDoesNot() {
        outbound.manage(management(), ENABLED);
        outbound.deliver(presence(1));
        outbound.deliver(chat(1));

        assertThat(wire.written).containsExactly("<enabled>", "p1", "m1", "<r>");
    }

    @Test
    void contentSentBehindARequestIsAskedForOnceTheClientIsHeard() {
        outbound.manage(management(), ENABLED);
        outbound.deliver(chat(1));
        outbound.deliver(chat(2));
        assertThat(wire.written).containsExactly("<enabled>", "m1", "<r>", "m2");

        outbound.acknowledge(wire, 1);
        assertThat(wire.written).endsWith("m2", "<r>");

        outbound.acknowledge(wire, 2);
        assertThat(wire.written).endsWith("m2", "<r>");
    }

    @Test
    void presenceAsksByCount() {
        outbound.manage(management(), ENABLED);
        for (int i = 1; i <= LIMITS.askEveryStanzas(); i++) {
            assertThat(wire.written).doesNotContain("<r>");
            outbound.deliver(presence(i));
        }

        assertThat(wire.written).endsWith("<r>");
    }

    @Test
    void presenceAsksByTimeButNeverWithoutAStanza() {
        outbound.manage(management(), ENABLED);
        outbound.deliver(presence(1));
        nanos += LIMITS.askEvery().toNanos();
        assertThat(wire.written).doesNotContain("<r>");

        outbound.deliver(presence(2));
        assertThat(wire.written).endsWith("p2", "<r>");
    }

    @Test
    void acknowledgementThatIsOwedForTooLongIsOverdue() {
        outbound.manage(management(), ENABLED);
        outbound.deliver(chat(1));

        assertThat(outbound.isOverdue(nanos)).isFalse();
        nanos += LIMITS.ackTimeout().toNanos() + 1;
        assertThat(outbound.isOverdue(nanos)).isTrue();
        outbound.acknowledge(wire, 1);
        assertThat(outbound.isOverdue(nanos)).isFalse();
    }

    @Test
    void countGoesOnBehindTwoToTheThirtyTwo() {
        Outbound old = Outbound.restored(
                management(), 0xFFFF_FFFFL, 0xFFFF_FFFEL, List.of(presence(1), presence(2), presence(3)));
        assertThat(old.sent()).isEqualTo(1);
        old.handled(0x1_0000_0000L);
        assertThat(old.handled()).isZero();

        assertThat(old.canHaveHandled(2)).isFalse();
        assertThat(old.canHaveHandled(0xFFFF_FFFDL)).isFalse();
        assertThat(old.resume(wire, 0, RESUMED, List.of())).isTrue();

        assertThat(old.unacknowledged()).extracting(Stanza::id).containsExactly("p3");
        assertThat(wire.written).containsExactly("<resumed>", "p3", "<r>");
        assertThat(old.acknowledge(wire, 1)).isTrue();
        assertThat(old.unacknowledged()).isEmpty();
    }

    @Test
    void impossibleCountChangesNothing() {
        outbound.manage(management(), ENABLED);
        outbound.deliver(chat(1));

        assertThat(outbound.acknowledge(wire, 2)).isFalse();
        assertThat(outbound.resume(new Recorder(), 2, RESUMED, List.of())).isFalse();

        assertThat(outbound.unacknowledged()).hasSize(1);
        assertThat(wire.error).isNull();
    }

    @Test
    void lateAcknowledgementOfAFormerConnectionMeansNothing() {
        outbound.manage(management(), ENABLED);
        outbound.deliver(chat(1));
        outbound.deliver(chat(2));
        Recorder next = new Recorder();
        outbound.resume(next, 2, RESUMED, List.of());

        assertThat(outbound.acknowledge(wire, 1)).isTrue();
        assertThat(outbound.acknowledged()).isEqualTo(2);
    }

    @Test
    void newsGoBeforeWhatWasMissedAndTakeThePlaceOfOlderNews() {
        outbound.manage(management(), ENABLED);
        outbound.deliver(chat(1));
        outbound.detach(wire);
        Recorder second = new Recorder();
        outbound.resume(second, 0, RESUMED, List.of(chat(101)));
        assertThat(second.written).containsExactly("<resumed>", "m101", "m1", "<r>");
        outbound.detach(second);
        Recorder third = new Recorder();
        outbound.resume(third, 0, RESUMED, List.of(chat(102)));

        assertThat(third.written).containsExactly("<resumed>", "m102", "m1", "<r>");
        assertThat(outbound.acknowledge(third, 1)).isTrue();
        assertThat(outbound.unacknowledged()).extracting(Stanza::id).containsExactly("m1");
    }

    @Test
    void queueOverItsBoundSaysSoOnceAndSendsNoMore() {
        outbound.manage(management(), ENABLED);
        for (int i = 0; i < LIMITS.unackedStanzas() + 10; i++) {
            outbound.deliver(chat(i));
        }

        assertThat(overfull).isEqualTo(1);
        assertThat(outbound.unacknowledged()).hasSize(LIMITS.unackedStanzas() + 1);
        assertThat(wire.written).doesNotContain("m" + (LIMITS.unackedStanzas() + 1));
        assertThat(outbound.isResumable()).isFalse();
    }

    @Test
    void whatComesBetweenOverfullAndTheEndIsLeftBehindLikeTheRest() {
        outbound.manage(management(), ENABLED);
        for (int i = 0; i < LIMITS.unackedStanzas() + 10; i++) {
            outbound.deliver(chat(i));
        }

        assertThat(outbound.end())
                .hasSize(LIMITS.unackedStanzas() + 10)
                .last()
                .extracting(Stanza::id)
                .isEqualTo("m" + (LIMITS.unackedStanzas() + 9));
    }

    /** A contact list that comes online at once is no reason to end a session; only its bytes are bounded. */
    @Test
    void presenceIsBoundedByItsBytes() {
        outbound.manage(management(), ENABLED);
        for (int i = 0; i < LIMITS.unackedStanzas() + 10; i++) {
            outbound.deliver(presence(i));
        }
        assertThat(overfull).isZero();

        for (int i = 0; i < LIMITS.unackedBytes() / 200; i++) {
            outbound.deliver(presence(i));
        }
        assertThat(overfull).isEqualTo(1);
    }

    /** Whatever is sent, acknowledged, lost and resumed: the client handles each stanza once, in order. */
    @Test
    void clientSeesEachStanzaOnceInOrder() {
        long seed = Seed.next();
        Random random = new Random(seed);
        outbound.manage(management(), ENABLED);
        Recorder current = wire;
        List<String> handled = new ArrayList<>();
        int read = 1;
        int sent = 0;
        for (int step = 0; step < 2_000; step++) {
            switch (random.nextInt(4)) {
                case 0, 1 -> outbound.deliver(random.nextBoolean() ? chat(sent++) : presence(sent++));
                case 2 -> {
                    // The client reads some of what was written, and says how far it came.
                    int until = read + random.nextInt(current.written.size() - read + 1);
                    for (; read < until; read++) {
                        if (!current.written.get(read).startsWith("<")) {
                            handled.add(current.written.get(read).substring(1));
                        }
                    }
                    outbound.acknowledge(current, handled.size());
                }
                default -> {
                    if (random.nextBoolean()) {
                        outbound.detach(current);
                    }
                    current = new Recorder();
                    read = 1;
                    assertThat(outbound.resume(current, handled.size(), RESUMED, List.of()))
                            .as("seed %d", seed)
                            .isTrue();
                }
            }
        }
        for (int i = 0; i < handled.size(); i++) {
            assertThat(handled.get(i)).as("seed %d", seed).isEqualTo(Integer.toString(i));
        }
    }
}
