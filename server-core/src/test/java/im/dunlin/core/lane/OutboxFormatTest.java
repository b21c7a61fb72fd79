// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.lane;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.stanza.Delay;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.Stanza;
import im.dunlin.core.stanza.StanzaCodec;
import im.dunlin.storage.OwnerKey;
import im.dunlin.storage.Table;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** Rows of the outbox, as each version wrote them. */
class OutboxFormatTest {
    private static final BareJid ROMEO = BareJid.of("romeo@montague.example");
    private static final BareJid JULIET = BareJid.of("juliet@capulet.example");
    private static final Instant SENT = Instant.parse("2026-01-01T00:00:00Z");
    private static final String RECEIVER = "0116726f6d656f406d6f6e74616775652e6578616d706c65";

    private final Table<Outbox.RowKey, Outbox.Content> rows = new Table<>(Outbox.ROWS);

    private Outbox.Content read(String hex) {
        byte[] key = rows.key(new OwnerKey(2, 0), new Outbox.RowKey(5, 1));
        return rows.row(key, HexFormat.of().parseHex(hex)).value();
    }

    @Test
    void rowHasTheTimeBehindTheStanza() {
        String hex = HexFormat.of().formatHex(rows.value(new Outbox.Content(ROMEO, new byte[] {7}, 300)));

        assertThat(hex).isEqualTo("02" + RECEIVER + "0107" + "ac02");
        assertThat(read(hex).at()).isEqualTo(300);
    }

    @Test
    void rowOfTheFirstVersionHasNone() {
        Outbox.Content old = read("01" + RECEIVER + "0107");

        assertThat(old.receiver()).isEqualTo(ROMEO);
        assertThat(old.stanza()).containsExactly(7);
        assertThat(old.at()).isZero();
    }

    @Test
    void whatALongStopHeldUpSaysSinceWhen() {
        Message message = Message.chat(ROMEO, "wherefore").withFrom(JULIET);
        Outbox.Handoff sent = new Outbox.Handoff(1, 2, 3, ROMEO, message, Micros.of(SENT));
        Outbox.Handoff unknown = new Outbox.Handoff(1, 2, 3, ROMEO, message, 0);

        assertThat(sent.afterAStop(SENT.plusSeconds(5))).isEqualTo(message);
        assertThat(unknown.afterAStop(SENT.plusSeconds(500))).isEqualTo(message);
        Stanza late = sent.afterAStop(SENT.plus(Duration.ofMinutes(2)));
        assertThat(StanzaCodec.decode(StanzaCodec.encode(late))).isEqualTo(late);
        Delay delay = Delay.parse(((Message) late).additions().get(0));
        assertThat(delay.stamp()).isEqualTo(SENT);
        assertThat(delay.from()).hasToString("capulet.example");
    }
}
