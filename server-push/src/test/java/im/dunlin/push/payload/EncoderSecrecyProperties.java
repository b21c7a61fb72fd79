// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.payload;

import static im.dunlin.push.payload.TestNotices.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.jid.FullJid;
import im.dunlin.storage.Seed;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Whoever carries a push learns no text, no address and no name from it, whatever happened and whatever the app can do. */
class EncoderSecrecyProperties {
    private static final int RUNS = 300;

    private final long seed = Seed.next();
    private final Random random = new Random(seed);
    private final SecureRandom secure = new SecureRandom();
    private final Phone phone = Phone.random(secure);
    private final DeviceEncoder devices = new DeviceEncoder(secure);
    private final RemoteEncoder services = new RemoteEncoder(secure);

    private final String contact = "contact-" + word();
    private final String nick = "nick-" + word();
    private final String text = "text-" + word();
    private final String sid =
            UUID.nameUUIDFromBytes(word().getBytes(StandardCharsets.UTF_8)).toString();
    private final FullJid sender = FullJid.of(contact + "@montague.example/" + "orchard-" + word());
    private final List<String> secrets = List.of(contact, nick, text, sid, "montague", sender.resource());

    private String word() {
        return Long.toUnsignedString(random.nextLong(), 36).repeat(2).substring(0, 12);
    }

    private Notice notice() {
        String said = (text + " ").repeat(1 + random.nextInt(400));
        return switch (random.nextInt(5)) {
            case 0 ->
                new Notice.Call(NOW, NOW.plusSeconds(45), sender, sid, List.of("audio"), "<propose id='" + sid + "'/>");
            case 1 ->
                new Notice.CallEnd(
                        NOW, sender, sid, List.of("audio"), Notice.CallEnd.Reason.values()[random.nextInt(5)], "17");
            case 2 -> new Notice.Read(NOW, sender.bare(), List.of("1", "2"), random.nextInt(9));
            default ->
                new Notice.Message(
                        Notice.Message.Kind.values()[random.nextInt(5)],
                        NOW.plus(Duration.ofMillis(random.nextInt())),
                        sender.bare(),
                        sender,
                        random.nextBoolean() ? nick : null,
                        said,
                        random.nextInt(4) == 0,
                        "17",
                        random.nextBoolean() ? sid : null,
                        random.nextInt(100),
                        random.nextBoolean(),
                        random.nextBoolean());
        };
    }

    private Recipient recipient(@Nullable ClientKey key) {
        Set<Capability> capabilities = new HashSet<>(Arrays.asList(Capability.values()));
        capabilities.removeIf(each -> random.nextBoolean());
        // Who has a key gets nothing in the clear, whatever the account asked for.
        return new Recipient(
                TestNotices.JULIET, "node", new byte[16], key, capabilities, null, key != null && random.nextBoolean());
    }

    private void check(int run, @Nullable Object push, byte[] bytes) {
        for (String secret : secrets) {
            assertThat(Secrecy.tells(bytes, secret))
                    .as("seed %d, run %d: %s in %s", seed, run, secret, push)
                    .isFalse();
        }
    }

    @Test
    @DisplayName("Check 20: no text, address or name in what leaves, as it is, in base64 or in UTF-16")
    void nothingThatLeavesTellsATextOrAName() {
        int pushes = 0;
        for (int run = 0; run < RUNS; run++) {
            Notice notice = notice();
            for (ClientKey key : new ClientKey[] {phone.key(), null, TestRecipients.tigaseKey(3_000)}) {
                Recipient recipient = recipient(key);
                List<@Nullable EncodedPush> encoded = new ArrayList<>();
                encoded.add(devices.apns(notice, recipient, run));
                encoded.add(devices.fcm(notice, recipient, run));
                encoded.add(devices.webPush(notice, recipient, run));
                for (EncodedPush push : encoded) {
                    if (push != null) {
                        pushes++;
                        check(run, push, push.payload());
                        check(run, push, String.valueOf(push.collapse()).getBytes(StandardCharsets.UTF_8));
                    }
                }
                RemotePush remote = services.standard(notice, withoutJingle(recipient), run);
                if (remote != null) {
                    pushes++;
                    check(run, remote, remote.notification().toString().getBytes(StandardCharsets.UTF_8));
                }
            }
            RemotePush xabber = services.xabber(notice, recipient(TestRecipients.xabberKey()));
            if (xabber != null) {
                check(run, xabber, xabber.notification().toString().getBytes(StandardCharsets.UTF_8));
            }
            check(
                    run,
                    "push2",
                    services.push2(notice, recipient(null), null)
                            .notification()
                            .toString()
                            .getBytes(StandardCharsets.UTF_8));
        }
        assertThat(pushes).isGreaterThan(3 * RUNS);
    }

    /** That element names the session id; who asks for it wants its service to know. */
    private static Recipient withoutJingle(Recipient recipient) {
        Set<Capability> capabilities = new HashSet<>(recipient.capabilities());
        capabilities.remove(Capability.TIGASE_JINGLE);
        return new Recipient(
                recipient.account(),
                recipient.node(),
                recipient.secret(),
                recipient.key(),
                capabilities,
                null,
                recipient.isPlainTextWanted());
    }

    /** Or the search above would prove nothing. */
    @Test
    void wordIsFoundInEveryForm() {
        for (String before : List.of("", "a", "ab", "abc")) {
            byte[] said = (before + text + "!").getBytes(StandardCharsets.UTF_8);
            assertThat(Secrecy.tells(said, text)).isTrue();
            assertThat(Secrecy.tells(Base64.getEncoder().encode(said), text)).isTrue();
            assertThat(Secrecy.tells(
                            Base64.getUrlEncoder().encode((before + text).getBytes(StandardCharsets.UTF_16LE)), text))
                    .isTrue();
            assertThat(Secrecy.tells((before + text).getBytes(StandardCharsets.UTF_16BE), text))
                    .isTrue();
        }
        Recipient open = new Recipient(TestNotices.JULIET, "node", new byte[16], null, Set.of(), null, true);
        byte[] plain = Objects.requireNonNull(devices.fcm(TestNotices.chat(text), open, 1))
                .payload();
        assertThat(Secrecy.tells(plain, text)).isTrue();
    }
}
