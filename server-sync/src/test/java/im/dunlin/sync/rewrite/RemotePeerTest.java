// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.rewrite;

import static im.dunlin.sync.rewrite.RewriteFixture.ALICE;
import static im.dunlin.sync.rewrite.RewriteFixture.NOTIFY;
import static im.dunlin.sync.rewrite.RewriteFixture.id;
import static im.dunlin.sync.rewrite.RewriteFixture.replace;
import static im.dunlin.sync.rewrite.RewriteFixture.retract;
import static im.dunlin.sync.rewrite.RewriteFixture.texts;
import static im.dunlin.sync.rewrite.RewriteFixture.xabber;
import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Identity;
import im.dunlin.core.module.Service;
import im.dunlin.core.module.Setup;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.Stanza;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.xml.Element;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Symmetric changes with a peer that is not one of this server's accounts; a service stands for the other server. */
class RemotePeerTest {
    /** Keeps what it gets, and answers iqs as it is told. */
    private static final class Far implements Service {
        final ConcurrentLinkedQueue<Iq> asked = new ConcurrentLinkedQueue<>();
        final ConcurrentLinkedQueue<Message> messages = new ConcurrentLinkedQueue<>();
        volatile Function<Iq, @Nullable Iq> answer = iq -> null;

        @Override
        public String subdomain() {
            return "far";
        }

        @Override
        public Identity identity() {
            return new Identity("server", "im", "far away");
        }

        @Override
        public Set<String> features() {
            return Set.of();
        }

        @Override
        public void receive(Stanza stanza, Turn turn) {
            if (stanza instanceof Message message) {
                messages.add(message);
            } else if (stanza instanceof Iq iq && iq.isRequest()) {
                asked.add(iq);
                Iq given = answer.apply(iq);
                if (given != null) {
                    turn.answer(given);
                }
            }
        }
    }

    private final Far far = new Far();
    private final TestServer server = TestServer.with(modules(far));
    private final TestClient alice = xabber(server, "alice@localhost/phone");

    private static Map<String, Consumer<Setup>> modules(Far far) {
        Map<String, Consumer<Setup>> modules = RewriteFixture.modules();
        modules.put("far", setup -> setup.service(far));
        return modules;
    }

    RemotePeerTest() {
        RewriteFixture.says(server, alice, "bob@far.localhost", "m1", "<body>old</body>");
        alice.ignores();
        far.messages.clear();
    }

    @AfterEach
    void close() {
        RewriteFixture.isSound(server, ALICE, "at the end");
        server.close();
    }

    /** Vector 9.14, the request. */
    @Test
    void questionComesFromTheAccountWithAnIdOfItsOwn() {
        String id = id(server, ALICE, "m1");

        alice.sends(replace(id, "new"));

        alice.receivesNothing();
        Iq asked = far.asked.remove();
        assertThat(asked.from()).hasToString("alice@localhost");
        assertThat(asked.to()).hasToString("bob@far.localhost");
        assertThat(asked.id()).hasSize(32);
        assertThat(asked.request().attr("id")).isEqualTo(id);
        assertThat(asked.request().toString()).as("only what the protocol has").doesNotContain("message-id");
        assertThat(texts(server, ALICE)).containsExactly("m1 old");
    }

    /** The peer hears the question first and the correction behind it; so it ends there, and so it must end here. */
    @Test
    void correctionThatIsSentWhileAnEditIsAskedForStays() {
        TestClient desk = RewriteFixture.online(server, "alice@localhost/desk");
        alice.sends(replace(id(server, ALICE, "m1"), "asked first"));
        Iq asked = far.asked.remove();

        desk.sends("<message type='chat' id='c1' to='bob@far.localhost'><body>said last</body>"
                + "<replace xmlns='urn:xmpp:message-correct:0' id='m1'/></message>");
        answers(asked.result());

        assertThat(texts(server, ALICE)).containsExactly("m1 said last", "change");
        alice.sends(replace(id(server, ALICE, "m1"), "asked later"));
        answers(far.asked.remove().result());
        assertThat(texts(server, ALICE)).contains("m1 asked later");
    }

    @Test
    void twoEditsThatAreAskedForAtOnceEndInTheirOrder() {
        alice.sends(replace(id(server, ALICE, "m1"), "first"));
        alice.sends(replace(id(server, ALICE, "m1"), "second"));

        answers(far.asked.remove().result());
        answers(far.asked.remove().result());

        assertThat(texts(server, ALICE)).contains("m1 second");
    }

    private void answers(Iq answer) {
        server.turn(BareJid.of("far.localhost"), turn -> {
            turn.route(answer);
            return null;
        });
        server.settle();
    }

    /** Vector 9.14 (a). */
    @Test
    void resultLetsTheOwnArchiveChange() {
        far.answer = Iq::result;

        alice.sends(replace(id(server, ALICE, "m1"), "new"));

        alice.receives("<message type='headline'><replace xmlns='" + NOTIFY + "'/></message>");
        alice.receives("<iq type='result' id='r' to='alice@localhost/phone'/>");
        assertThat(texts(server, ALICE)).contains("m1 new");
        assertThat(far.messages).isEmpty();
    }

    /** Vector 9.14, the stream is gone. */
    @Test
    void changeIsMadeAlsoWhenTheClientIsGone() {
        alice.sends(replace(id(server, ALICE, "m1"), "new"));
        alice.leaves();
        Iq asked = far.asked.remove();

        server.turn(im.dunlin.core.jid.BareJid.ofDomain("far.localhost"), turn -> {
            turn.route(asked.result());
            return null;
        });

        assertThat(texts(server, ALICE)).contains("m1 new");
    }

    /** Vector 9.14 (b). */
    @Test
    void errorIsHandedOnAndNothingChanges() {
        far.answer = iq -> iq.error(StanzaError.itemNotFound());

        alice.sends(retract(id(server, ALICE, "m1"), true));

        Element error = alice.receivesError("item-not-found");
        assertThat(error.attr("id")).isEqualTo("r");
        alice.receivesNothing();
        assertThat(texts(server, ALICE)).containsExactly("m1 old");
    }

    /** Vector 9.14 (c). */
    @Test
    void silenceIsATimeoutAndNothingChanges() {
        alice.sends(retract(id(server, ALICE, "m1"), true));

        server.after(Duration.ofMinutes(2));

        alice.receivesError("remote-server-timeout");
        assertThat(texts(server, ALICE)).containsExactly("m1 old");
    }

    /** Vector 9.14 (b), where the peer's server has no such protocol (§7.3). */
    @Test
    void serverWithoutTheProtocolGetsTheStandardMessage() {
        far.answer = iq -> iq.error(StanzaError.serviceUnavailable());

        alice.sends(replace(id(server, ALICE, "m1"), "new"));

        alice.next();
        alice.receives("<iq type='result' id='r'/>");
        assertThat(texts(server, ALICE)).contains("m1 new");
        Message correction = far.messages.remove();
        assertThat(correction.to()).hasToString("bob@far.localhost");
        assertThat(correction.body()).isEqualTo("new");
        assertThat(correction.payload().toString()).contains("replace");

        alice.sends(retract(id(server, ALICE, "m1"), true));

        assertThat(far.messages.remove().traits().isRetraction()).isTrue();
        assertThat(texts(server, ALICE)).contains("m1 RETRACTED");
    }

    @Test
    void answerOfSomebodyElseIsNone() {
        alice.sends(replace(id(server, ALICE, "m1"), "new"));
        Iq asked = far.asked.remove();
        TestClient tybalt = xabber(server, "tybalt@localhost/tomb");

        tybalt.sends("<iq type='result' id='" + asked.id() + "' to='alice@localhost'/>");

        alice.receivesNothing();
        assertThat(texts(server, ALICE)).containsExactly("m1 old");
    }
}
