// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.auth;

import static im.dunlin.core.auth.SaslFixture.BINDABLE;
import static im.dunlin.core.auth.SaslFixture.DOMAIN;
import static im.dunlin.core.auth.SaslFixture.END_POINT;
import static im.dunlin.core.auth.SaslFixture.EXPORTER;
import static im.dunlin.core.auth.SaslFixture.PASSWORD;
import static im.dunlin.core.auth.SaslFixture.ROMEO;
import static im.dunlin.core.auth.SaslFixture.UNBINDABLE;
import static im.dunlin.core.auth.SaslFixture.octets;
import static im.dunlin.core.auth.SaslFixture.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import im.dunlin.core.auth.SaslStep.Challenge;
import im.dunlin.core.auth.SaslStep.Failure;
import im.dunlin.core.auth.SaslStep.Success;
import im.dunlin.core.jid.BareJid;
import im.dunlin.storage.Seed;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScramExchangeTest {
    private final SaslFixture server = new SaslFixture();

    @ParameterizedTest
    @EnumSource(ScramHash.class)
    void rightPasswordSucceeds(ScramHash hash) {
        ScramClient client = new ScramClient(hash, "romeo", PASSWORD);

        Success success = success(login(client, hash.mechanism(), UNBINDABLE));

        assertThat(success.account()).isEqualTo(ROMEO);
        assertThat(client.accepts(success.additionalData())).isTrue();
        assertThat(success.upgrade()).isNull();
    }

    @ParameterizedTest
    @EnumSource(ScramHash.class)
    void rightPasswordOnTheRightChannelSucceeds(ScramHash hash) {
        ScramClient exporter = new ScramClient(hash, "romeo", PASSWORD).bindingTo("tls-exporter", EXPORTER);
        ScramClient endPoint = new ScramClient(hash, "romeo", PASSWORD).bindingTo("tls-server-end-point", END_POINT);

        assertThat(exporter.accepts(success(login(exporter, hash.mechanism() + "-PLUS", BINDABLE))
                        .additionalData()))
                .isTrue();
        assertThat(endPoint.accepts(success(login(endPoint, hash.mechanism() + "-PLUS", BINDABLE))
                        .additionalData()))
                .isTrue();
    }

    @Test
    void wrongPasswordIsAGuess() {
        Failure failure =
                failure(login(new ScramClient(ScramHash.SHA_256, "romeo", "wrong"), "SCRAM-SHA-256", UNBINDABLE));

        assertThat(failure.condition()).isEqualTo(SaslCondition.NOT_AUTHORIZED);
        assertThat(failure.guess()).isTrue();
    }

    @Test
    void clientWithoutInitialResponseIsAskedForIt() {
        SaslExchange exchange = SaslFixture.exchange("SCRAM-SHA-256", UNBINDABLE);
        ScramClient client = new ScramClient(ScramHash.SHA_256, "romeo", PASSWORD);

        Challenge empty = (Challenge) server.settle(exchange.begin(null));
        Challenge serverFirst = (Challenge) server.respond(exchange, client.clientFirst());

        assertThat(empty.data()).isEmpty();
        assertThat(success(server.respond(exchange, client.clientFinal(serverFirst.data())))
                        .account())
                .isEqualTo(ROMEO);
    }

    @Test
    void localpartIsPreparedBeforeTheAccountIsLookedUp() {
        assertThat(success(login(new ScramClient(ScramHash.SHA_1, "ROMEO", PASSWORD), "SCRAM-SHA-1", UNBINDABLE))
                        .account())
                .isEqualTo(ROMEO);
    }

    @Test
    void escapesInTheUsernameAreUndone() {
        BareJid odd = BareJid.of("a=b,c@" + DOMAIN);
        server.accounts.put(odd, server.accounts.get(ROMEO));

        assertThat(success(login(new ScramClient(ScramHash.SHA_1, "a=b,c", PASSWORD), "SCRAM-SHA-1", UNBINDABLE))
                        .account())
                .isEqualTo(odd);
    }

    @Test
    void accountMayActAsItself() {
        ScramClient client = new ScramClient(ScramHash.SHA_1, "romeo", PASSWORD).actingAs("Romeo@Montague.example");

        assertThat(success(login(client, "SCRAM-SHA-1", UNBINDABLE)).account()).isEqualTo(ROMEO);
    }

    /** T04. */
    @ParameterizedTest
    @ValueSource(strings = {"juliet@capulet.example", "juliet@montague.example", "montague.example", "romeo", "@"})
    void accountMayNotActAsAnother(String authzid) {
        ScramClient client = new ScramClient(ScramHash.SHA_1, "romeo", PASSWORD).actingAs(authzid);

        Failure failure = failure(server.begin(SaslFixture.exchange("SCRAM-SHA-1", UNBINDABLE), client.clientFirst()));

        assertThat(failure.condition()).isEqualTo(SaslCondition.INVALID_AUTHZID);
        assertThat(server.lookups).isEmpty();
    }

    /** T07. */
    @Test
    void unknownAccountGetsTheSameSaltEachTime() {
        Map<String, String> first = serverFirst("nobody", ScramHash.SHA_256);
        Map<String, String> second = serverFirst("nobody", ScramHash.SHA_256);

        assertThat(first.get("s")).isEqualTo(second.get("s"));
        assertThat(first.get("i")).isEqualTo("4096");
        assertThat(first.get("s"))
                .hasSameSizeAs(serverFirst("romeo", ScramHash.SHA_256).get("s"));
        assertThat(first.get("s"))
                .isNotEqualTo(serverFirst("nobody2", ScramHash.SHA_256).get("s"));
        assertThat(first.get("s"))
                .isNotEqualTo(serverFirst("nobody", ScramHash.SHA_512).get("s"));
    }

    /** T07. */
    @ParameterizedTest
    @EnumSource(ScramHash.class)
    void unknownAccountFailsAsAWrongPasswordDoes(ScramHash hash) {
        SaslStep unknown = login(new ScramClient(hash, "nobody", PASSWORD), hash.mechanism(), UNBINDABLE);
        SaslStep wrong = login(new ScramClient(hash, "romeo", "wrong"), hash.mechanism(), UNBINDABLE);

        assertThat(unknown).isEqualTo(wrong);
    }

    @Test
    void accountWithoutAKeyForTheHashLooksUnknown() {
        ScramKey onlyKey = server.accounts.get(ROMEO).key(ScramHash.SHA_256);
        server.accounts.put(ROMEO, new Credentials(AccountState.ACTIVE, 7, List.of(onlyKey)));

        Failure failure =
                failure(login(new ScramClient(ScramHash.SHA_1, "romeo", PASSWORD), "SCRAM-SHA-1", UNBINDABLE));

        assertThat(failure).isEqualTo(new Failure(SaslCondition.NOT_AUTHORIZED, "authentication failed", true));
    }

    /** T08. */
    @Test
    void alteredNonceIsRefused() {
        assertRefused(message -> message.replaceFirst(",r=(.)", ",r=$1x"));
        assertRefused(message -> message.replaceFirst("r=([^,]*).,", "r=$1,"));
    }

    /** T08. */
    @Test
    void truncatedProofIsRefused() {
        assertRefused(message -> message.replaceFirst("p=.*", "p=AAAA"));
        assertRefused(message -> message.substring(0, message.length() - 8));
    }

    /** T08. */
    @Test
    void proofOfAnEarlierExchangeIsRefused() {
        ScramClient client = new ScramClient(ScramHash.SHA_256, "romeo", PASSWORD).withNonce("always-the-same");
        SaslExchange first = SaslFixture.exchange("SCRAM-SHA-256", UNBINDABLE);
        byte[] response = client.clientFinal(((Challenge) server.begin(first, client.clientFirst())).data());
        assertThat(server.respond(first, response)).isInstanceOf(Success.class);

        SaslExchange second = SaslFixture.exchange("SCRAM-SHA-256", UNBINDABLE);
        server.begin(second, client.clientFirst());

        assertThat(failure(server.respond(second, response)).condition()).isEqualTo(SaslCondition.NOT_AUTHORIZED);
    }

    /** T08. */
    @Test
    void alteredHeaderInTheBindingIsRefused() {
        assertRefused(message -> message.replace("c=biws", "c=eSws"));
        assertRefused(message -> message.replace("c=biws", "c=biwsAAAA"));
    }

    /** T08. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "c=biws,r=NONCE",
                "c=biws,r=NONCE,p=",
                "c=biws,r=NONCE,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts",
                "c=biws,r=NONCE,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Tt=",
                "c=biws,r=NONCE,p=v0X8v3Bz2T0C JGbJQyF0X+HI4Ts=",
                "c=biws,r=NONCE,p=v0X8v3Bz2T0CJGbJQyF0X-HI4Ts=",
                "c=biws,r=NONCE,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=,x=y",
                "c=biws,r=NONCE,m=x,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
                "c=biws,r=NONCE,,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
                "c=biws,r=NONCE,r=NONCE,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
                "r=NONCE,c=biws,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
                "c=biws,r=NONCE,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=\0",
                "",
                ",",
            })
    void malformedClientFinalIsRefused(String message) {
        SaslExchange exchange = SaslFixture.exchange("SCRAM-SHA-1", UNBINDABLE);
        server.begin(exchange, new ScramClient(ScramHash.SHA_1, "romeo", PASSWORD).clientFirst());

        assertThat(server.respond(exchange, octets(message)))
                .isEqualTo(new Failure(SaslCondition.MALFORMED_REQUEST, "not a client-final-message", false));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "n",
                "n,",
                "n,,",
                "n,,n=romeo",
                "n,,r=abc,n=romeo",
                "n,,n=,r=abc",
                "n,,n=romeo,r=",
                "n,,n=ro=meo,r=abc",
                "n,,n=ro=2cmeo,r=abc",
                "n,,n=romeo,r=a b",
                "n,,n=romeo,r=ä",
                "n,,n=romeo,r=abc,",
                "n,,n=romeo,r=abc,xy=1",
                "n,,n=romeo,r=abc,n=juliet",
                "x,,n=romeo,r=abc",
                "p=,,n=romeo,r=abc",
                "n,romeo,n=romeo,r=abc",
                "n,a=,n=romeo,r=abc",
                "n,a=x=y,n=romeo,r=abc",
                "n,,n=ro\0meo,r=abc",
                " n,,n=romeo,r=abc",
            })
    void malformedClientFirstIsRefused(String message) {
        assertThat(server.begin(SaslFixture.exchange("SCRAM-SHA-1", UNBINDABLE), octets(message)))
                .isEqualTo(new Failure(SaslCondition.MALFORMED_REQUEST, "not a client-first-message", false));
        assertThat(server.lookups).isEmpty();
    }

    @Test
    void illFormedUtf8IsRefused() {
        byte[] message = octets("n,,n=romeo,r=abc");
        message[5] = (byte) 0xC0;

        assertThat(failure(server.begin(SaslFixture.exchange("SCRAM-SHA-1", UNBINDABLE), message))
                        .condition())
                .isEqualTo(SaslCondition.MALFORMED_REQUEST);
    }

    @Test
    void endlessNonceIsRefused() {
        ScramClient client = new ScramClient(ScramHash.SHA_1, "romeo", PASSWORD).withNonce("x".repeat(257));

        assertThat(failure(server.begin(SaslFixture.exchange("SCRAM-SHA-1", UNBINDABLE), client.clientFirst()))
                        .condition())
                .isEqualTo(SaslCondition.MALFORMED_REQUEST);
    }

    @Test
    void nameThatIsNoLocalpartIsNotAuthorized() {
        Failure failure = failure(server.begin(
                SaslFixture.exchange("SCRAM-SHA-1", UNBINDABLE), octets("n,,n=romeo@montague.example,r=abc")));

        assertThat(failure.condition()).isEqualTo(SaslCondition.NOT_AUTHORIZED);
        assertThat(server.lookups).isEmpty();
    }

    /** T08, RFC 5802 section 5.1: the attribute m. */
    @ParameterizedTest
    @ValueSource(strings = {"n,,m=x,n=romeo,r=abc", "n,,n=romeo,r=abc,m=x"})
    void mandatoryExtensionIsRefused(String message) {
        assertThat(server.begin(SaslFixture.exchange("SCRAM-SHA-1", UNBINDABLE), octets(message)))
                .isEqualTo(new Failure(SaslCondition.NOT_AUTHORIZED, "extensions-not-supported", false));
    }

    @Test
    void optionalExtensionIsPassedOver() {
        SaslExchange exchange = SaslFixture.exchange("SCRAM-SHA-1", UNBINDABLE);

        assertThat(server.begin(exchange, octets("n,,n=romeo,r=abc,x=whatever,y==")))
                .isInstanceOf(Challenge.class);
    }

    /** T09, RFC 5802 section 6: the offer of channel binding was removed on its way. */
    @Test
    void clientThatMissedTheOfferOfChannelBindingIsRefused() {
        ScramClient client = new ScramClient(ScramHash.SHA_256, "romeo", PASSWORD).believingThatServerCannotBind();

        Failure failure = failure(server.begin(SaslFixture.exchange("SCRAM-SHA-256", BINDABLE), client.clientFirst()));

        assertThat(failure.condition()).isEqualTo(SaslCondition.NOT_AUTHORIZED);
        assertThat(failure.text()).isEqualTo("server-does-support-channel-binding");
        assertThat(failure.guess()).isFalse();
    }

    @Test
    void clientThatRightlyMissesChannelBindingSucceeds() {
        ScramClient client = new ScramClient(ScramHash.SHA_256, "romeo", PASSWORD).believingThatServerCannotBind();

        assertThat(login(client, "SCRAM-SHA-256", UNBINDABLE)).isInstanceOf(Success.class);
    }

    @Test
    void clientThatCannotBindSucceedsWithoutPlus() {
        ScramClient client = new ScramClient(ScramHash.SHA_256, "romeo", PASSWORD);

        assertThat(login(client, "SCRAM-SHA-256", BINDABLE)).isInstanceOf(Success.class);
    }

    /** T09. */
    @ParameterizedTest
    @ValueSource(strings = {"n", "y"})
    void plusWithoutBindingIsRefused(String flag) {
        assertThat(failure(server.begin(
                                SaslFixture.exchange("SCRAM-SHA-1-PLUS", BINDABLE), octets(flag + ",,n=romeo,r=abc")))
                        .condition())
                .isEqualTo(SaslCondition.NOT_AUTHORIZED);
    }

    /** T09. */
    @Test
    void bindingWithoutPlusIsRefused() {
        ScramClient client = new ScramClient(ScramHash.SHA_1, "romeo", PASSWORD).bindingTo("tls-exporter", EXPORTER);

        assertThat(failure(server.begin(SaslFixture.exchange("SCRAM-SHA-1", BINDABLE), client.clientFirst()))
                        .condition())
                .isEqualTo(SaslCondition.NOT_AUTHORIZED);
    }

    /** T09. */
    @Test
    void valueOfAnotherChannelIsRefused() {
        ScramClient client = new ScramClient(ScramHash.SHA_1, "romeo", PASSWORD).bindingTo("tls-exporter", END_POINT);

        assertThat(failure(login(client, "SCRAM-SHA-1-PLUS", BINDABLE)).condition())
                .isEqualTo(SaslCondition.NOT_AUTHORIZED);
    }

    /** DESIGN.md, settled point 17: or old clients that try tls-unique first would be locked out. */
    @ParameterizedTest
    @ValueSource(strings = {"tls-unique", "tls exporter", "TLS-EXPORTER"})
    void unknownBindingTypeIsNotAFailedLogin(String type) {
        ScramClient client = new ScramClient(ScramHash.SHA_1, "romeo", PASSWORD).bindingTo(type, EXPORTER);

        assertThat(server.begin(SaslFixture.exchange("SCRAM-SHA-1-PLUS", BINDABLE), client.clientFirst()))
                .isEqualTo(new Failure(SaslCondition.NOT_AUTHORIZED, "unsupported-channel-binding-type", false));
    }

    /** T11. */
    @ParameterizedTest
    @EnumSource(ScramHash.class)
    void disabledAccountIsToldOnlyToWhomKnowsThePassword(ScramHash hash) {
        server.accounts.computeIfPresent(ROMEO, (jid, credentials) -> credentials.withState(AccountState.DISABLED));

        assertThat(failure(login(new ScramClient(hash, "romeo", PASSWORD), hash.mechanism(), UNBINDABLE))
                        .condition())
                .isEqualTo(SaslCondition.ACCOUNT_DISABLED);
        assertThat(failure(login(new ScramClient(hash, "romeo", "wrong"), hash.mechanism(), UNBINDABLE))
                        .condition())
                .isEqualTo(SaslCondition.NOT_AUTHORIZED);
    }

    /** XEP-0474. */
    @ParameterizedTest
    @EnumSource(ScramHash.class)
    void serverVouchesForWhatItOffered(ScramHash hash) {
        ScramClient client = new ScramClient(hash, "romeo", PASSWORD);
        for (TlsChannel channel : new TlsChannel[] {BINDABLE, UNBINDABLE}) {
            SaslOffer offer = SaslFixture.mechanisms().offer(DOMAIN, channel);
            byte[] serverFirst = ((Challenge) server.begin(offer.begin(hash.mechanism()), client.clientFirst())).data();

            assertThat(client.sawWhatWasOffered(serverFirst, offer.mechanisms(), offer.bindingTypes()))
                    .isTrue();
        }
    }

    /** XEP-0515. */
    @Test
    void serverNamesTheVersionOfTls() {
        ScramClient client = new ScramClient(ScramHash.SHA_1, "romeo", PASSWORD);
        byte[] overTls13 =
                ((Challenge) server.begin(SaslFixture.exchange("SCRAM-SHA-1", BINDABLE), client.clientFirst())).data();
        byte[] overTls12 = ((Challenge)
                        server.begin(SaslFixture.exchange("SCRAM-SHA-1", UNBINDABLE), client.clientFirst()))
                .data();

        assertThat(ScramClient.attributes(overTls13)).containsEntry("t", "0304");
        assertThat(ScramClient.attributes(overTls12)).containsEntry("t", "0303");
    }

    @Test
    void messageThatIsNotDueIsTheDriversMistake() {
        SaslExchange exchange = SaslFixture.exchange("SCRAM-SHA-1", UNBINDABLE);
        server.begin(exchange, octets("nonsense"));

        assertThatIllegalStateException().isThrownBy(() -> exchange.respond(octets("more")));
    }

    @Test
    void changedOctetAnywhereNeverLogsIn() {
        long seed = Seed.next();
        Random random = new Random(seed);
        ScramClient client = new ScramClient(ScramHash.SHA_256, "romeo", PASSWORD);
        for (int i = 0; i < 300; i++) {
            SaslExchange exchange = SaslFixture.exchange("SCRAM-SHA-256", UNBINDABLE);
            byte[] first = client.clientFirst();
            boolean early = random.nextBoolean();
            if (early) {
                first[random.nextInt(first.length)] ^= (byte) (1 + random.nextInt(255));
            }
            if (server.begin(exchange, first) instanceof Challenge challenge) {
                byte[] last = finalOrNothing(client, challenge.data());
                if (!early) {
                    last[random.nextInt(last.length)] ^= (byte) (1 + random.nextInt(255));
                }
                assertThat(server.respond(exchange, last))
                        .as("seed %d, round %d", seed, i)
                        .isInstanceOf(Failure.class);
            }
        }
    }

    private static byte[] finalOrNothing(ScramClient client, byte[] serverFirst) {
        try {
            return client.clientFinal(serverFirst);
        } catch (IllegalStateException e) {
            return new byte[] {'c'};
        }
    }

    private void assertRefused(UnaryOperator<String> change) {
        ScramClient client = new ScramClient(ScramHash.SHA_1, "romeo", PASSWORD);
        SaslExchange exchange = SaslFixture.exchange("SCRAM-SHA-1", UNBINDABLE);
        byte[] serverFirst = ((Challenge) server.begin(exchange, client.clientFirst())).data();
        String before = text(client.clientFinal(serverFirst));
        String after = change.apply(before);

        assertThat(after).isNotEqualTo(before);
        assertThat(failure(server.respond(exchange, octets(after))).condition())
                .isEqualTo(SaslCondition.NOT_AUTHORIZED);
    }

    private Map<String, String> serverFirst(String username, ScramHash hash) {
        byte[] first = new ScramClient(hash, username, PASSWORD).clientFirst();
        return ScramClient.attributes(
                ((Challenge) server.begin(SaslFixture.exchange(hash.mechanism(), UNBINDABLE), first)).data());
    }

    private SaslStep login(ScramClient client, String mechanism, TlsChannel channel) {
        SaslExchange exchange = SaslFixture.exchange(mechanism, channel);
        SaslStep step = server.begin(exchange, client.clientFirst());
        return step instanceof Challenge challenge
                ? server.respond(exchange, client.clientFinal(challenge.data()))
                : step;
    }

    private static Success success(SaslStep step) {
        assertThat(step).isInstanceOf(Success.class);
        return (Success) step;
    }

    private static Failure failure(SaslStep step) {
        assertThat(step).isInstanceOf(Failure.class);
        return (Failure) step;
    }
}
