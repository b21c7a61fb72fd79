// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.fast;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.auth.ScramHash;
import im.dunlin.core.config.ConfigException;
import im.dunlin.core.config.ConfigLoader;
import im.dunlin.core.config.ServerConfig;
import im.dunlin.core.jid.BareJid;
import im.dunlin.core.module.BoundSection;
import im.dunlin.core.module.Setup;
import im.dunlin.core.modules.fast.Token.Slots;
import im.dunlin.core.modules.registration.RegistrationModule;
import im.dunlin.core.stanza.Delay;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.testing.Golden;
import im.dunlin.core.testing.SessionModules;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.storage.memory.MemoryStore;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** XEP-0484 as a client meets it. */
class FastDialogueTest {
    private static final String PHONE = "d4565fa7-4d72-4749-b3d3-740edbf87770";
    private static final String LAPTOP = "0a0b0c0d-4d72-4749-b3d3-740edbf87770";
    private static final BareJid JULIET = BareJid.of("juliet@localhost");
    private static final Name TOKEN = Name.of("urn:xmpp:fast:0", "token");
    private static final Name DATA = Name.of("urn:xmpp:sasl:2", "additional-data");
    private static final String EXPR = "HT-SHA-256-EXPR";
    private static final String ENDP = "HT-SHA-256-ENDP";
    private static final String NONE = "HT-SHA-256-NONE";

    private final MemoryStore store = new MemoryStore();
    private final TestServer.TestTime time = new TestServer.TestTime();
    private TestServer server = start("{}");

    FastDialogueTest() {
        server.account("juliet@localhost", "r0m30");
        server.account("romeo@localhost", "jul13t");
    }

    private TestServer start(String fast) {
        return start(fast, setup -> {});
    }

    private TestServer start(String fast, Consumer<Setup> part) {
        Map<String, Consumer<Setup>> modules = SessionModules.all();
        modules.put(FastModule.KEY, FastModule::new);
        modules.put(RegistrationModule.KEY, RegistrationModule::new);
        modules.put("part", part);
        try {
            ServerConfig config = new ConfigLoader(Map.of(FastModule.KEY, FastModule.Options.class))
                    .parse("hosts: { localhost: { modules: { fast: " + fast + " } } }");
            return TestServer.with(store, time, config, modules);
        } catch (ConfigException e) {
            throw new IllegalArgumentException(e);
        }
    }

    @AfterEach
    void close() {
        server.close();
    }

    // ---- what the client does
    // ----------------------------------------------------------------------------------------

    private static String base64(byte[] data) {
        return Base64.getEncoder().encodeToString(data);
    }

    /** What the streams of tests are bound by. */
    private static byte[] binding(String mechanism) {
        return switch (mechanism) {
            case EXPR -> new byte[32];
            case ENDP -> new byte[] {1, 2, 3};
            default -> new byte[0];
        };
    }

    private static byte[] proof(String side, String token, byte[] binding) {
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        message.writeBytes(side.getBytes(StandardCharsets.US_ASCII));
        message.writeBytes(binding);
        return ScramHash.SHA_256.hmac(token.getBytes(StandardCharsets.UTF_8), message.toByteArray());
    }

    private static String initial(String user, byte[] proof) {
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        message.writeBytes(user.getBytes(StandardCharsets.UTF_8));
        message.write(0);
        message.writeBytes(proof);
        return base64(message.toByteArray());
    }

    private static String authenticate(String mechanism, String initial, String device, String beside) {
        return "<authenticate xmlns='urn:xmpp:sasl:2' mechanism='" + mechanism + "'><initial-response>" + initial
                + "</initial-response>" + (device.isEmpty() ? "" : "<user-agent id='" + device + "'/>") + beside
                + "</authenticate>";
    }

    private static String fast(String attributes) {
        return "<fast xmlns='urn:xmpp:fast:0' " + attributes + "/>";
    }

    private TestClient byPassword(String device, String beside) {
        TestClient client = server.open("localhost");
        client.sends(authenticate("PLAIN", base64("\0juliet\0r0m30".getBytes(StandardCharsets.UTF_8)), device, beside));
        return client;
    }

    private TestClient byToken(String token, String mechanism, String device, String beside) {
        TestClient client = server.open("localhost");
        client.sends(authenticate(
                mechanism, initial("juliet", proof("Initiator", token, binding(mechanism))), device, beside));
        return client;
    }

    private TestClient byToken(String token) {
        return byToken(token, EXPR, PHONE, fast(""));
    }

    private static String request(String mechanism) {
        return "<request-token xmlns='urn:xmpp:fast:0' mechanism='" + mechanism + "'/>";
    }

    /** A new token for the phone. */
    private String token(String mechanism) {
        return given(succeeds(byPassword(PHONE, request(mechanism))));
    }

    private static String given(Element success) {
        return Objects.requireNonNull(success.requireChild(TOKEN).attr("token"));
    }

    private static Element succeeds(TestClient client) {
        return client.receives("<success xmlns='urn:xmpp:sasl:2'/>");
    }

    private static void fails(TestClient client, String condition) {
        client.receives("<failure xmlns='urn:xmpp:sasl:2'><" + condition
                + " xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/></failure>");
    }

    // ---- tokens
    // ------------------------------------------------------------------------------------------------------

    @Test
    void formatIsTheGoldenOne() {
        Golden.check(
                "fast-tokens-1",
                Slots.CODEC,
                new Slots(
                        new Token("0123456789abcdef0123456789abcdef", HashedToken.EXPR, 1_000_000, 2_000_000, 7),
                        new Token("fedcba9876543210fedcba9876543210", HashedToken.NONE, 1_500_000, 3_000_000, -1)));
    }

    @Test
    void mechanismsOfThisConnectionAreOffered() {
        assertThat(server.open("localhost").features().toString())
                .contains("<fast xmlns='urn:xmpp:fast:0'><mechanism>" + EXPR + "</mechanism><mechanism>" + ENDP
                        + "</mechanism><mechanism>" + NONE + "</mechanism></fast>");
    }

    @Test
    void hostMayGiveTokensOnlyToWhoCanBindThem() {
        server.close();
        server = start("{ unbound: false }");

        assertThat(server.open("localhost").features().toString())
                .contains(EXPR)
                .doesNotContain(NONE);
        assertThat(succeeds(byPassword(PHONE, request(NONE))).has(TOKEN)).isFalse();
    }

    @Test
    void hostMaySwitchItOff() {
        String token = token(EXPR);
        server.close();
        server = start("false");

        assertThat(server.open("localhost").features().toString()).doesNotContain("urn:xmpp:fast:0");
        assertThat(succeeds(byPassword(PHONE, request(EXPR))).has(TOKEN)).isFalse();
        fails(byToken(token), "invalid-mechanism");
    }

    @ParameterizedTest
    @ValueSource(strings = {EXPR, ENDP, NONE})
    void tokenLogsInAndTheServerProvesThatItKnowsIt(String mechanism) {
        String token = token(mechanism);

        Element success = succeeds(byToken(token, mechanism, PHONE, fast("")));

        assertThat(Base64.getDecoder().decode(success.requireText(DATA)))
                .isEqualTo(proof("Responder", token, binding(mechanism)));
        assertThat(success.has(TOKEN)).isFalse();
    }

    @Test
    void tokenSaysWhenItExpires() {
        Element token = succeeds(byPassword(PHONE, request(EXPR))).requireChild(TOKEN);

        assertThat(Delay.parseTime(Objects.requireNonNull(token.attr("expiry"))))
                .isEqualTo(Instant.parse("2026-01-22T00:00:00Z"));
    }

    @Test
    void tokenStillWorksAfterARestart() {
        String token = token(EXPR);
        server.close();
        server = start("{}");

        succeeds(byToken(token));
    }

    @Test
    void storeDoesNotHoldTheToken() {
        String token = token(EXPR);

        Slots slots = server.turn(JULIET, turn -> turn.get(server.store().open(FastModule.TOKENS), PHONE));

        assertThat(new String(Slots.CODEC.write(Objects.requireNonNull(slots)), StandardCharsets.ISO_8859_1))
                .doesNotContain(token);
        assertThat(slots.toString()).doesNotContain(token);
    }

    @ParameterizedTest
    @ValueSource(strings = {"SCRAM-SHA-1", "HT-SHA-512-EXPR", ""})
    void tokenForAnotherMechanismIsNotGiven(String mechanism) {
        assertThat(succeeds(byPassword(PHONE, request(mechanism))).has(TOKEN)).isFalse();
    }

    @Test
    void clientWithoutAnIdGetsNoToken() {
        assertThat(succeeds(byPassword("", request(EXPR))).has(TOKEN)).isFalse();
    }

    @Test
    void loginWithATokenBindsAsAnyOther() {
        TestClient phone = byToken(
                token(EXPR),
                EXPR,
                PHONE,
                fast("") + "<bind xmlns='urn:xmpp:bind:0'><enable xmlns='urn:xmpp:sm:3' resume='true'/></bind>");

        assertThat(succeeds(phone).has(Name.of("urn:xmpp:bind:0", "bound"))).isTrue();
        assertThat(phone.isBound()).isTrue();
    }

    // ---- what a token is not good for
    // --------------------------------------------------------------------------------

    @Test
    void tokenOfAnotherDeviceIsRefused() {
        fails(byToken(token(EXPR), EXPR, LAPTOP, fast("")), "not-authorized");
    }

    @Test
    void tokenOfAnotherAccountIsRefused() {
        String token = token(EXPR);
        TestClient client = server.open("localhost");
        client.sends(authenticate(EXPR, initial("romeo", proof("Initiator", token, binding(EXPR))), PHONE, fast("")));

        fails(client, "not-authorized");
    }

    @Test
    void unknownAccountIsToldTheSame() {
        TestClient unknown = server.open("localhost");
        unknown.sends(authenticate(EXPR, initial("nobody", new byte[32]), PHONE, fast("")));
        TestClient wrong = server.open("localhost");
        wrong.sends(authenticate(EXPR, initial("juliet", new byte[32]), PHONE, fast("")));

        assertThat(unknown.next()).isEqualTo(wrong.next());
    }

    @Test
    void tokenOfAMechanismIsNotGoodForAnother() {
        String token = token(EXPR);

        fails(byToken(token, NONE, PHONE, fast("")), "not-authorized");
        fails(byToken(token, ENDP, PHONE, fast("")), "not-authorized");
    }

    @Test
    void proofBoundToAnotherConnectionIsRefused() {
        TestClient client = server.open("localhost");
        client.sends(authenticate(
                EXPR, initial("juliet", proof("Initiator", token(EXPR), new byte[] {9})), PHONE, fast("")));

        fails(client, "not-authorized");
    }

    @Test
    void proofOfTheServerIsNoProofOfTheClient() {
        TestClient client = server.open("localhost");
        client.sends(
                authenticate(EXPR, initial("juliet", proof("Responder", token(EXPR), binding(EXPR))), PHONE, fast("")));

        fails(client, "not-authorized");
    }

    @Test
    void mechanismWithoutTheElementIsNoLoginWithAToken() {
        fails(byToken(token(EXPR), EXPR, PHONE, ""), "invalid-mechanism");
    }

    @ParameterizedTest
    @ValueSource(strings = {"AA==", "anVsaWV0", "", "anVsaWV0AGFiYw=="})
    void malformedMessageIsRefused(String initial) {
        TestClient client = server.open("localhost");
        client.sends(authenticate(EXPR, initial, PHONE, fast("")));

        fails(client, "malformed-request");
    }

    @ParameterizedTest
    @ValueSource(strings = {"count='x'", "count='-1'", "count='99999999999999999999'", "invalidate='maybe'"})
    void malformedElementIsRefused(String attributes) {
        fails(byToken(token(EXPR), EXPR, PHONE, fast(attributes)), "malformed-request");
    }

    @Test
    void expiredTokenIsToldSoOnlyToWhoHasIt() {
        String token = token(EXPR);
        server.after(Duration.ofDays(21));

        fails(byToken(token), "credentials-expired");
        fails(byToken("guess"), "not-authorized");
    }

    @Test
    void guessesAreSlowedDownAsPasswordsAre() {
        String token = token(EXPR);
        for (int i = 0; i < 10; i++) {
            fails(byToken("guess" + i), "not-authorized");
        }

        fails(byToken(token), "temporary-auth-failure");
    }

    // ---- counts
    // ------------------------------------------------------------------------------------------------------

    @Test
    void countMustGrow() {
        String token = token(EXPR);

        succeeds(byToken(token, EXPR, PHONE, fast("count='1'")));
        fails(byToken(token, EXPR, PHONE, fast("count='1'")), "not-authorized");
        fails(byToken(token, EXPR, PHONE, fast("count='0'")), "not-authorized");
        succeeds(byToken(token, EXPR, PHONE, fast("count='5'")));
    }

    // ---- rotation
    // ----------------------------------------------------------------------------------------------------

    /** The turn that judged it is undone, and judges it again. */
    @Test
    void countIsNotUsedUpByAPartOfTheBindThatFails() {
        String token = token(EXPR);
        server.stop();
        server = start(
                "{}",
                setup -> setup.bindInline(BoundSection.URGENT, (binding, turn) -> {
                    throw StanzaError.internalServerError().toException();
                }));

        TestClient phone = byToken(token, EXPR, PHONE, fast("count='1'") + "<bind xmlns='urn:xmpp:bind:0'/>");

        succeeds(phone);
        assertThat(phone.isBound()).isTrue();
        fails(byToken(token, EXPR, PHONE, fast("count='1'")), "not-authorized");
    }

    @Test
    void oldTokenIsReplacedAndStaysGoodUntilTheNewOneIsUsed() {
        String old = token(EXPR);
        succeeds(byToken(old));
        server.after(Duration.ofDays(2));
        String young = given(succeeds(byToken(old)));

        // The first answer was lost, say.
        succeeds(byToken(old));
        String younger = given(succeeds(byToken(old)));
        fails(byToken(young), "not-authorized");
        succeeds(byToken(younger));

        fails(byToken(old), "not-authorized");
        succeeds(byToken(younger));
    }

    @Test
    void youngTokenIsNotReplaced() {
        String token = token(EXPR);
        server.after(Duration.ofHours(23));

        assertThat(succeeds(byToken(token)).has(TOKEN)).isFalse();
    }

    @Test
    void countBeginsAnewWithANewToken() {
        String old = token(EXPR);
        succeeds(byToken(old, EXPR, PHONE, fast("count='9'")));
        server.after(Duration.ofDays(2));
        String young = given(succeeds(byToken(old, EXPR, PHONE, fast("count='10'"))));

        succeeds(byToken(young, EXPR, PHONE, fast("count='0'")));
    }

    // ---- the end of tokens
    // -------------------------------------------------------------------------------------------

    @Test
    void clientTakesItsTokenBack() {
        String token = token(EXPR);
        server.after(Duration.ofDays(2));

        assertThat(succeeds(byToken(token, EXPR, PHONE, fast("invalidate='true'")))
                        .has(TOKEN))
                .isFalse();

        fails(byToken(token), "not-authorized");
    }

    @Test
    void clientThatTakesItsTokenBackMayAskForAnother() {
        String token = token(EXPR);

        String other = given(succeeds(byToken(token, EXPR, PHONE, fast("invalidate='1'") + request(ENDP))));

        fails(byToken(token), "not-authorized");
        succeeds(byToken(other, ENDP, PHONE, fast("")));
    }

    @Test
    void newPasswordTakesAllTokensBack() {
        String token = token(EXPR);
        server.account("juliet@localhost", "another");

        fails(byToken(token), "not-authorized");
    }

    @Test
    void deviceThatChangesThePasswordKeepsItsToken() {
        String phones = token(EXPR);
        String laptops = given(succeeds(byPassword(LAPTOP, request(EXPR))));
        TestClient phone = byToken(phones, EXPR, PHONE, fast("") + "<bind xmlns='urn:xmpp:bind:0'/>");
        phone.sends("<iq type='set' id='p' to='localhost'><query xmlns='jabber:iq:register'>"
                + "<username>juliet</username><password>another</password></query></iq>");
        server.settle();

        succeeds(byToken(phones));
        fails(byToken(laptops, EXPR, LAPTOP, fast("")), "not-authorized");
    }

    @Test
    void administratorTakesAllTokensBack() {
        String token = token(EXPR);
        TokensView tokens = server.modules().provided(TokensView.class);
        assertThat(server.<Integer>turn(JULIET, tokens::count)).isEqualTo(1);

        server.turn(JULIET, turn -> {
            tokens.revokeAll(turn);
            return null;
        });

        fails(byToken(token), "not-authorized");
    }

    @Test
    void accountOfTheSameNameHasNoOldTokens() {
        String token = token(EXPR);
        server.turn(JULIET, turn -> {
            turn.removeOwner(turn.now());
            return null;
        });
        server.account("juliet@localhost", "r0m30");

        fails(byToken(token), "not-authorized");
    }

    @Test
    void deviceBeyondTheLimitTakesThePlaceOfTheOldest() {
        String first = token(EXPR);
        for (int i = 0; i < FastModule.MAX_DEVICES; i++) {
            server.time().advance(Duration.ofSeconds(1));
            succeeds(byPassword("00000000-0000-4000-8000-%012d".formatted(i), request(EXPR)));
        }

        TokensView tokens = server.modules().provided(TokensView.class);
        assertThat(server.<Integer>turn(JULIET, tokens::count)).isEqualTo(FastModule.MAX_DEVICES);
        fails(byToken(first), "not-authorized");
    }
}
