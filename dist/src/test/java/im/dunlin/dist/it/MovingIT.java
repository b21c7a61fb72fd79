// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.it;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.portable.PortableReader;
import im.dunlin.core.xml.Element;
import im.dunlin.dist.ServerUnderTest;
import im.dunlin.dist.control.Administration;
import im.dunlin.dist.testing.RawClient;
import im.dunlin.dist.testing.Secrets;
import im.dunlin.dist.transfer.AccountExport;
import im.dunlin.dist.transfer.AccountImport;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Users of a server that serves are moved to another one that serves (XEP-0227), and go on there. */
class MovingIT {
    @RegisterExtension
    static final ServerUnderTest old = ServerUnderTest.withDefaults();

    @RegisterExtension
    static final ServerUnderTest fresh = ServerUnderTest.empty();

    @Test
    void usersGoOnWhereTheyWere(@TempDir Path directory) throws Exception {
        Element archive;
        Element roster;
        try (RawClient juliet = old.session("juliet@localhost/balcony");
                RawClient romeo = old.session("romeo@localhost/orchard")) {
            juliet.sends("<iq type='set' id='v'><vCard xmlns='vcard-temp'><FN>Juliet</FN></vCard></iq>");
            juliet.awaits("<iq id='v' type='result'/>");
            juliet.sends(
                    "<iq type='set' id='b'><block xmlns='urn:xmpp:blocking'><item jid='tybalt@localhost'/></block></iq>");
            juliet.awaits("<iq id='b' type='result'/>");
            juliet.sends(
                    "<iq type='set' id='r'><query xmlns='jabber:iq:roster'><item jid='romeo@localhost' name='R'><group>M</group></item></query></iq>");
            juliet.awaits("<iq id='r' type='result'/>");
            juliet.sends("<presence to='romeo@localhost' type='subscribe'/>");
            juliet.sends(
                    "<iq type='set' id='p'><pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='urn:x'><item id='1'><x xmlns='urn:x'/></item></publish></pubsub></iq>");
            juliet.awaits("<iq id='p' type='result'/>");
            juliet.sends("<message to='romeo@localhost' type='chat' id='m1'><body>moving one</body></message>");
            juliet.sends(
                    "<message to='romeo@localhost' type='chat' id='m2'><body>moving two</body><replace xmlns='urn:xmpp:message-correct:0' id='m1'/></message>");
            romeo.settles();
            romeo.sends("<message to='juliet@localhost' type='chat' id='m3'><body>moving three</body></message>");
            romeo.settles();
            juliet.settles();
            archive = archiveOf(juliet);
            roster = rosterOf(juliet);
        }
        Path file = directory.resolve("localhost.xml");

        new AccountExport(old.administration(), AccountExport.Form.XEP_0227, file)
                .hosts(List.of("localhost", "montague.example"));
        List<String> messages = new ArrayList<>();
        boolean well =
                new AccountImport(fresh.administration(), messages::add).run(to -> PortableReader.read(file, to));

        assertThat(messages).isEmpty();
        assertThat(well).isTrue();
        // With the password that they have always had.
        try (RawClient juliet = fresh.session("juliet@localhost/balcony");
                RawClient romeo = fresh.session("romeo@localhost/orchard")) {
            assertThat(archiveOf(juliet)).isEqualTo(archive);
            assertThat(rosterOf(juliet).children()).isEqualTo(roster.children());
            juliet.sends("<iq type='get' id='b'><blocklist xmlns='urn:xmpp:blocking'/></iq>");
            juliet.awaits(
                    "<iq id='b'><blocklist xmlns='urn:xmpp:blocking'><item jid='tybalt@localhost'/></blocklist></iq>");
            juliet.sends("<iq type='get' id='v' to='juliet@localhost'><vCard xmlns='vcard-temp'/></iq>");
            juliet.awaits("<iq id='v'><vCard xmlns='vcard-temp'><FN>Juliet</FN></vCard></iq>");
            juliet.sends(
                    "<iq type='get' id='p'><pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='urn:x'/></pubsub></iq>");
            juliet.awaits(
                    "<iq id='p'><pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='urn:x'><item id='1'><x xmlns='urn:x'/></item></items></pubsub></iq>");
            romeo.sends("<presence/>");
            romeo.awaits("<presence from='juliet@localhost' type='subscribe'/>");
            // And they go on.
            romeo.sends(
                    "<message to='juliet@localhost/balcony' type='chat' id='m4'><body>moving four</body></message>");
            juliet.awaits("<message id='m4'><body>moving four</body></message>");
        }
        for (String jid : fresh.administration().listUsers(null, null)) {
            assertThat(fresh.administration().checkUser(jid)).isEmpty();
        }
        Path again = directory.resolve("again.xml");
        new AccountExport(old.administration(), AccountExport.Form.XEP_0227, again)
                .hosts(List.of("localhost", "montague.example"));
        assertThat(Files.readString(again)).isEqualTo(Files.readString(file));
    }

    /** It would come before messages that are still to be brought in, or be gone with what is not admitted. */
    @Test
    void nobodyReachesAnAccountThatIsOnItsWayIn() throws Exception {
        Administration administration = fresh.administration();
        administration.addUser("nurse@localhost", Secrets.PASSWORD);
        String ticket = String.valueOf(administration.beginImport("friar@localhost"));
        administration.importPieces(
                "friar@localhost", ticket, List.of("<vCard xmlns='vcard-temp'><FN>Laurence</FN></vCard>"));

        try (RawClient nurse = fresh.session("nurse@localhost/here")) {
            nurse.sends("<message to='friar@localhost' type='chat' id='early'><body>moving early</body></message>");
            nurse.receivesError("service-unavailable");
            administration.endImport("friar@localhost", ticket, List.of(), Secrets.PASSWORD);
            nurse.sends("<message to='friar@localhost' type='chat' id='later'><body>moving later</body></message>");
            nurse.settles();
        }

        try (RawClient friar = fresh.session("friar@localhost/cell")) {
            friar.sends("<presence/>");
            Element waited = friar.awaits("<message><body/></message>");
            assertThat(waited.attr("id")).isEqualTo("later");
        }
    }

    private static Element rosterOf(RawClient client) {
        client.sends("<iq type='get' id='roster'><query xmlns='jabber:iq:roster'/></iq>");
        return client.awaits("<iq id='roster' type='result'/>").children().get(0);
    }

    /** The results of the whole archive, in one element. */
    private static Element archiveOf(RawClient client) {
        client.sends("<iq type='set' id='mam'><query xmlns='urn:xmpp:mam:2'/></iq>");
        Element all = Element.of(im.dunlin.core.xml.Name.of("urn:all", "all"));
        for (int i = 0; i < 3; i++) {
            all = all.child(client.awaits("<message><result xmlns='urn:xmpp:mam:2'/></message>")
                    .children()
                    .get(0));
        }
        client.awaits("<iq id='mam' type='result'/>");
        return all;
    }
}
