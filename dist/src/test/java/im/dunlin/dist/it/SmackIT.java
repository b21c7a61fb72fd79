// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.it;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.dist.ServerUnderTest;
import im.dunlin.dist.testing.Secrets;
import java.net.InetAddress;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.X509TrustManager;
import org.jivesoftware.smack.ConnectionConfiguration.SecurityMode;
import org.jivesoftware.smack.chat2.Chat;
import org.jivesoftware.smack.chat2.ChatManager;
import org.jivesoftware.smack.packet.Message;
import org.jivesoftware.smack.packet.Presence;
import org.jivesoftware.smack.roster.Roster;
import org.jivesoftware.smack.roster.packet.RosterPacket.ItemType;
import org.jivesoftware.smack.tcp.XMPPTCPConnection;
import org.jivesoftware.smack.tcp.XMPPTCPConnectionConfiguration;
import org.jivesoftware.smackx.blocking.BlockingCommandManager;
import org.jivesoftware.smackx.carbons.CarbonManager;
import org.jivesoftware.smackx.disco.ServiceDiscoveryManager;
import org.jivesoftware.smackx.mam.MamManager;
import org.jivesoftware.smackx.muc.MultiUserChat;
import org.jivesoftware.smackx.muc.MultiUserChatManager;
import org.jivesoftware.smackx.vcardtemp.VCardManager;
import org.jivesoftware.smackx.vcardtemp.packet.VCard;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.jxmpp.jid.EntityBareJid;
import org.jxmpp.jid.impl.JidCreate;
import org.jxmpp.jid.parts.Resourcepart;

/** Smack, a client library that others have written, does what people do with a client. */
class SmackIT {
    @RegisterExtension
    static final ServerUnderTest server = ServerUnderTest.withDefaults();

    private static final long PATIENCE_SECONDS = 20;

    static {
        // With assertions on it takes an extension that it does not know, as one of XEP-0421, for a fault of the
        // parser.
        SmackIT.class
                .getClassLoader()
                .setClassAssertionStatus("org.jivesoftware.smack.parsing.StandardExtensionElementProvider", false);
    }

    private XMPPTCPConnection juliet;
    private XMPPTCPConnection romeo;
    private final EntityBareJid toJuliet = JidCreate.entityBareFromOrThrowUnchecked("juliet@localhost");
    private final EntityBareJid toRomeo = JidCreate.entityBareFromOrThrowUnchecked("romeo@localhost");

    @BeforeEach
    void connect() throws Exception {
        juliet = login("juliet", "balcony");
        romeo = login("romeo", "orchard");
    }

    @AfterEach
    void disconnect() {
        juliet.disconnect();
        romeo.disconnect();
    }

    private static XMPPTCPConnection login(String name, String resource) throws Exception {
        XMPPTCPConnection connection = new XMPPTCPConnection(XMPPTCPConnectionConfiguration.builder()
                .setXmppDomain("localhost")
                .setHostAddress(InetAddress.getByName("127.0.0.1"))
                .setPort(server.endpoint().startTls())
                .setSecurityMode(SecurityMode.required)
                .setCustomX509TrustManager(new AnyCertificate())
                .setHostnameVerifier((host, session) -> true)
                .build());
        connection.setUseStreamManagement(true);
        connection.setUseStreamManagementResumption(true);
        Roster.getInstanceFor(connection).setSubscriptionMode(Roster.SubscriptionMode.accept_all);
        connection.connect();
        connection.login(name, Secrets.PASSWORD, Resourcepart.from(resource));
        return connection;
    }

    private static BlockingQueue<Message> incoming(XMPPTCPConnection connection) {
        BlockingQueue<Message> messages = new LinkedBlockingQueue<>();
        ChatManager.getInstanceFor(connection).addIncomingListener((from, message, chat) -> messages.add(message));
        return messages;
    }

    private static Message next(BlockingQueue<Message> messages) throws InterruptedException {
        Message message = messages.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertThat(message).as("a message in time").isNotNull();
        return message;
    }

    @Test
    void chatPassesAndTheArchiveHasIt() throws Exception {
        BlockingQueue<Message> atRomeo = incoming(romeo);
        String body = "Art thou not Romeo? " + System.identityHashCode(this);

        Chat chat = ChatManager.getInstanceFor(juliet).chatWith(toRomeo);
        chat.send(body);

        assertThat(next(atRomeo).getBody()).isEqualTo(body);
        for (XMPPTCPConnection each : List.of(juliet, romeo)) {
            MamManager archive = MamManager.getInstanceFor(each);
            assertThat(archive.isSupported()).isTrue();
            List<Message> found = archive.queryMostRecentPage(each == juliet ? toRomeo : toJuliet, 1)
                    .getMessages();
            assertThat(found).extracting(Message::getBody).containsExactly(body);
        }
    }

    @Test
    void roomIsMadeEnteredAndTalkedIn() throws Exception {
        EntityBareJid room = JidCreate.entityBareFromOrThrowUnchecked(
                "balcony" + System.identityHashCode(this) + "@rooms.localhost");
        MultiUserChat hers = MultiUserChatManager.getInstanceFor(juliet).getMultiUserChat(room);
        MultiUserChat his = MultiUserChatManager.getInstanceFor(romeo).getMultiUserChat(room);
        BlockingQueue<Message> atRomeo = new LinkedBlockingQueue<>();
        his.addMessageListener(message -> {
            if (message.getBody() != null) {
                atRomeo.add(message);
            }
        });

        hers.create(Resourcepart.from("Juliet"))
                .getConfigFormManager()
                .makeMembersOnly()
                .submitConfigurationForm();
        hers.changeSubject("Wherefore");
        hers.grantMembership(toRomeo);
        his.join(Resourcepart.from("Romeo"));
        hers.sendMessage("Art thou not Romeo?");

        assertThat(next(atRomeo).getBody()).isEqualTo("Art thou not Romeo?");
        assertThat(his.getSubject()).isEqualTo("Wherefore");
        assertThat(his.getOccupants())
                .extracting(each -> each.getResourceOrThrow().toString())
                .contains("Juliet", "Romeo");
        assertThat(MultiUserChatManager.getInstanceFor(romeo).getRoomInfo(room).isMembersOnly())
                .isTrue();
        hers.destroy("Farewell", null);
    }

    @Test
    void friendsSeeEachOther() throws Exception {
        BlockingQueue<Presence> seen = new LinkedBlockingQueue<>();
        Roster roster = Roster.getInstanceFor(juliet);
        roster.addPresenceEventListener(new org.jivesoftware.smack.roster.AbstractPresenceEventListener() {
            @Override
            public void presenceAvailable(org.jxmpp.jid.FullJid address, Presence presence) {
                seen.add(presence);
            }
        });

        roster.createItemAndRequestSubscription(toRomeo, "Romeo", null);

        Presence presence = seen.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertThat(presence).isNotNull();
        assertThat(presence.getFrom().asBareJid().toString()).isEqualTo("romeo@localhost");
        assertThat(roster.getEntry(toRomeo).getType()).isIn(ItemType.to, ItemType.both);
    }

    @Test
    void secondResourceGetsACopy() throws Exception {
        XMPPTCPConnection tablet = login("juliet", "tablet");
        try {
            CarbonManager.getInstanceFor(tablet).enableCarbons();
            BlockingQueue<Message> copies = new LinkedBlockingQueue<>();
            CarbonManager.getInstanceFor(tablet)
                    .addCarbonCopyReceivedListener((direction, copy, wrapper) -> copies.add(copy));

            ChatManager.getInstanceFor(juliet).chatWith(toRomeo).send("Wherefore art thou?");

            assertThat(next(copies).getBody()).isEqualTo("Wherefore art thou?");
        } finally {
            tablet.disconnect();
        }
    }

    @Test
    void cutStreamIsResumedAndBringsWhatCameMeanwhile() throws Exception {
        BlockingQueue<Message> atJuliet = incoming(juliet);
        assertThat(juliet.isSmResumptionPossible()).isTrue();

        juliet.instantShutdown();
        romeo.sendStanza(romeo.getStanzaFactory()
                .buildMessageStanza()
                .to("juliet@localhost/balcony")
                .ofType(Message.Type.chat)
                .setBody("while the line was cut")
                .build());
        juliet.connect();
        juliet.login();

        assertThat(juliet.streamWasResumed()).isTrue();
        assertThat(next(atJuliet).getBody()).isEqualTo("while the line was cut");
        assertThat(atJuliet).isEmpty();
    }

    @Test
    void whoIsBlockedIsRefused() throws Exception {
        BlockingCommandManager blocking = BlockingCommandManager.getInstanceFor(juliet);
        assertThat(blocking.isSupportedByServer()).isTrue();
        BlockingQueue<Message> atJuliet = incoming(juliet);
        blocking.blockContacts(List.of(toRomeo));
        try {
            assertThat(blocking.getBlockList()).containsExactly(toRomeo);
            BlockingQueue<Message> refusals = new LinkedBlockingQueue<>();
            romeo.addAsyncStanzaListener(
                    stanza -> refusals.add((Message) stanza),
                    stanza -> stanza instanceof Message message && message.getType() == Message.Type.error);

            ChatManager.getInstanceFor(romeo).chatWith(toJuliet).send("hear me");

            assertThat(next(refusals).getError().getCondition()).hasToString("service-unavailable");
            assertThat(atJuliet).isEmpty();
        } finally {
            blocking.unblockContacts(List.of(toRomeo));
        }
    }

    @Test
    void vcardIsKeptAndShown() throws Exception {
        VCard card = new VCard();
        card.setNickName("Juliet of the balcony");
        VCardManager.getInstanceFor(juliet).saveVCard(card);

        assertThat(VCardManager.getInstanceFor(romeo).loadVCard(toJuliet).getNickName())
                .isEqualTo("Juliet of the balcony");
    }

    @Test
    void serverTellsWhatItIs() throws Exception {
        var info = ServiceDiscoveryManager.getInstanceFor(juliet).discoverInfo(juliet.getXMPPServiceDomain());

        assertThat(info.hasIdentity("server", "im")).isTrue();
        assertThat(info.containsFeature("urn:xmpp:ping")).isTrue();
    }

    /** The server's certificate is its own; what is proved here is the protocol, not the chain. */
    private static final class AnyCertificate implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
