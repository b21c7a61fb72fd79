// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.muc;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.testing.Golden;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class RoomFormatTest {
    private static final BareJid CRONE = BareJid.of("crone@localhost");

    @Test
    void roomIsTheGoldenOne() {
        RoomConfig config =
                new RoomConfig("Coven", "Dark", true, true, false, true, false, true, false, "cauldronburn", 1_000, 20);
        RoomRecord.Subject subject =
                new RoomRecord.Subject("Fire Burn", "firstwitch", "0a1b", Instant.ofEpochMilli(1_767_225_600_123L));
        Golden.check(
                "room-1",
                RoomRecord.CODEC,
                new RoomRecord(BareJid.of("chat@rooms.localhost"), CRONE, false, config, subject));
    }

    @Test
    void affiliationIsTheGoldenOne() {
        Golden.check(
                "room-affiliation-1",
                Affiliations.Entry.CODEC,
                new Affiliations.Entry(Affiliation.OUTCAST, "thirdwitch", "Treason"));
    }

    @Test
    void messageIsTheGoldenOne() {
        Message message = Message.of(Message.Type.GROUPCHAT, null)
                .withFrom(Jid.of("chat@rooms.localhost/firstwitch"))
                .withId("m1");
        Golden.check("room-message-1", RoomMessage.CODEC, new RoomMessage(CRONE, message));
    }

    @Test
    void extentIsTheGoldenOne() {
        Golden.check("room-extent-1", RoomTables.Extent.CODEC, new RoomTables.Extent(300, 70_000));
    }
}
