// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.testing.Golden;
import im.dunlin.push.payload.Notice;
import im.dunlin.storage.KeyReader;
import im.dunlin.storage.KeyWriter;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What waits on disk stays readable. */
class OutboxFormatTest {
    @Test
    void valuesAreAsTheyWere() {
        Golden.check(
                "push-pending",
                Pending.CODEC,
                new Pending(
                        1_760_000_300_000_000L,
                        Notice.Message.Kind.GROUP,
                        1_760_000_300_000_001L,
                        3,
                        true,
                        Notice.CallEnd.Reason.RETRACT,
                        true,
                        List.of("audio", "video"),
                        1_760_000_301_000_000L,
                        2,
                        true));
    }

    @Test
    void keysAreAsTheyWere() {
        byte[] key = new byte[] {0, 0, 0, 0, 0, 0, 0, 7, 0, 'c', '1', 0};
        KeyWriter written = new KeyWriter();
        Place.CODEC.write(Place.call(7, "c1"), written);
        assertThat(HexFormat.of().formatHex(written.toBytes()))
                .isEqualTo(HexFormat.of().formatHex(key));
        assertThat(Place.CODEC.read(new KeyReader(key))).isEqualTo(Place.call(7, "c1"));
    }

    @Test
    void ordinalsOnDiskKeepTheirMeaning() {
        assertThat(Place.Matter.values())
                .containsExactly(Place.Matter.CALL, Place.Matter.CALL_END, Place.Matter.MESSAGE, Place.Matter.READ);
        assertThat(Notice.Message.Kind.values())
                .containsExactly(
                        Notice.Message.Kind.CHAT,
                        Notice.Message.Kind.GROUP,
                        Notice.Message.Kind.SUBSCRIPTION,
                        Notice.Message.Kind.INVITATION,
                        Notice.Message.Kind.EDIT);
        assertThat(Notice.CallEnd.Reason.values())
                .containsExactly(
                        Notice.CallEnd.Reason.RETRACT,
                        Notice.CallEnd.Reason.ELSEWHERE,
                        Notice.CallEnd.Reason.REJECT,
                        Notice.CallEnd.Reason.TIMEOUT,
                        Notice.CallEnd.Reason.FINISH);
    }
}
