// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.payload;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.FullJid;
import im.dunlin.core.jid.Jid;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What happens to Juliet, and her devices. */
final class TestNotices {
    static final BareJid JULIET = BareJid.of("juliet@capulet.example");
    static final BareJid ROMEO = BareJid.of("romeo@montague.example");
    static final Instant NOW = Instant.ofEpochSecond(1_767_225_600);
    static final String SID = "ca3cf894-5325-482f-a412-a6e9f832298d";
    static final String NODE = "k3Jq7VdF0aXw";

    private TestNotices() {}

    static Notice.Message chat(@Nullable String text) {
        return message(Notice.Message.Kind.CHAT, ROMEO, ROMEO, null, text);
    }

    static Notice.Message message(
            Notice.Message.Kind kind, BareJid conversation, Jid sender, @Nullable String nick, @Nullable String text) {
        return new Notice.Message(
                kind, NOW, conversation, sender, nick, text, false, "1700000000000000", "origin-1", 1, true, false);
    }

    static Notice.Message encrypted() {
        return new Notice.Message(
                Notice.Message.Kind.CHAT, NOW, ROMEO, ROMEO, null, null, true, "17", null, 2, true, false);
    }

    static Notice.Call call(String... media) {
        return new Notice.Call(
                NOW, NOW.plusSeconds(45), FullJid.of("romeo@montague.example/orchard"), SID, List.of(media), null);
    }

    static Notice.CallEnd end(Notice.CallEnd.Reason reason) {
        return new Notice.CallEnd(
                NOW, Jid.of("romeo@montague.example/orchard"), SID, List.of("audio"), reason, "1767225600000456");
    }

    static Notice.Read read() {
        return new Notice.Read(NOW, ROMEO, List.of("16", "17"), 0);
    }

    static Notice test() {
        return new Notice.Test(NOW);
    }

    static Recipient device(@Nullable ClientKey key, Capability... capabilities) {
        return new Recipient(
                JULIET, NODE, "a secret".getBytes(StandardCharsets.US_ASCII), key, Set.of(capabilities), null, false);
    }

    static Recipient readsPlainly() {
        return new Recipient(JULIET, NODE, "a secret".getBytes(StandardCharsets.US_ASCII), null, Set.of(), null, true);
    }
}
