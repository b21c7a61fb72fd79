// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.auth.Accounts;
import im.dunlin.core.auth.CredentialPolicy;
import im.dunlin.core.auth.Passwords;
import im.dunlin.core.config.ServerConfig;
import im.dunlin.core.dispatch.ModuleRegistry;
import im.dunlin.core.files.DirectoryFileStore;
import im.dunlin.core.files.SharedFiles;
import im.dunlin.core.http.PublicAddresses;
import im.dunlin.core.lane.Lanes;
import im.dunlin.core.module.Declared.Implemented;
import im.dunlin.push.app.Apps;
import im.dunlin.storage.Durability;
import im.dunlin.storage.GroupSync;
import im.dunlin.storage.memory.MemoryStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code docs/xeps.md} and {@code docs/dunlin.doap} are what the modules declare. After a change: {@code ./mvnw -pl dist -am test -Dtest=XepListTest
 * -Dsurefire.failIfNoSpecifiedTests=false -Dxeps.write=true}.
 */
class XepListTest {
    /** Implemented below the modules, by streams and their features. */
    private static final List<Implemented> STREAMS = List.of(
            new Implemented("RFC 6120", "", "streams"),
            new Implemented("RFC 7590", "", "streams"),
            new Implemented("RFC 7622", "", "streams"),
            new Implemented("RFC 5802", "", "streams"),
            new Implemented("RFC 7677", "", "streams"),
            new Implemented("RFC 5929", "", "streams"),
            new Implemented("RFC 7395", "", "streams"),
            new Implemented("RFC 9266", "", "streams"),
            new Implemented("XEP-0227", "1.1", "export, import"),
            new Implemented("XEP-0124", "1.11.2", "streams"),
            new Implemented("XEP-0178", "1.2", "federation"),
            new Implemented("XEP-0185", "1.0", "federation"),
            new Implemented("XEP-0206", "1.4", "streams"),
            new Implemented("XEP-0220", "1.1.1", "federation"),
            new Implemented("XEP-0368", "1.1.0", "streams"),
            new Implemented("XEP-0386", "1.1.0", "streams"),
            new Implemented("XEP-0388", "1.0.4", "streams"),
            new Implemented("XEP-0440", "1.0.0", "streams"),
            new Implemented("XEP-0474", "0.5.0", "streams"),
            new Implemented("XEP-0480", "0.2.0", "streams"),
            new Implemented("XEP-0509", "0.2.0", "streams"),
            new Implemented("XEP-0515", "0.1.0", "streams"));

    private static final Map<String, String> TITLES = Map.ofEntries(
            Map.entry("RFC 5802", "SCRAM"),
            Map.entry("RFC 5929", "Channel Bindings for TLS (tls-server-end-point)"),
            Map.entry("RFC 6120", "XMPP: Core"),
            Map.entry("RFC 6121", "XMPP: Instant Messaging and Presence"),
            Map.entry("RFC 7395", "XMPP Subprotocol for WebSocket"),
            Map.entry("RFC 7590", "Use of TLS in XMPP"),
            Map.entry("RFC 7622", "XMPP: Address Format"),
            Map.entry("RFC 7677", "SCRAM-SHA-256"),
            Map.entry("RFC 8030", "Generic Event Delivery Using HTTP Push"),
            Map.entry("RFC 8291", "Message Encryption for Web Push"),
            Map.entry("RFC 8292", "Voluntary Application Server Identification (VAPID) for Web Push"),
            Map.entry("RFC 9266", "Channel Bindings for TLS 1.3 (tls-exporter)"),
            Map.entry("XEP-0004", "Data Forms"),
            Map.entry("XEP-0012", "Last Activity"),
            Map.entry("XEP-0030", "Service Discovery"),
            Map.entry("XEP-0045", "Multi-User Chat"),
            Map.entry("XEP-0048", "Bookmarks"),
            Map.entry("XEP-0049", "Private XML Storage"),
            Map.entry("XEP-0050", "Ad-Hoc Commands"),
            Map.entry("XEP-0054", "vcard-temp"),
            Map.entry("XEP-0059", "Result Set Management"),
            Map.entry("XEP-0060", "Publish-Subscribe"),
            Map.entry("XEP-0068", "Field Standardization for Data Forms"),
            Map.entry("XEP-0077", "In-Band Registration"),
            Map.entry("XEP-0082", "XMPP Date and Time Profiles"),
            Map.entry("XEP-0084", "User Avatar"),
            Map.entry("XEP-0092", "Software Version"),
            Map.entry("XEP-0107", "User Mood"),
            Map.entry("XEP-0108", "User Activity"),
            Map.entry("XEP-0114", "Jabber Component Protocol"),
            Map.entry("XEP-0115", "Entity Capabilities"),
            Map.entry("XEP-0118", "User Tune"),
            Map.entry("XEP-0122", "Data Forms Validation"),
            Map.entry("XEP-0124", "Bidirectional-streams Over Synchronous HTTP (BOSH)"),
            Map.entry("XEP-0128", "Service Discovery Extensions"),
            Map.entry("XEP-0133", "Service Administration"),
            Map.entry("XEP-0153", "vCard-Based Avatars"),
            Map.entry("XEP-0156", "Discovering Alternative XMPP Connection Methods (host-meta)"),
            Map.entry("XEP-0157", "Contact Addresses for XMPP Services"),
            Map.entry("XEP-0160", "Best Practices for Handling Offline Messages"),
            Map.entry("XEP-0163", "Personal Eventing Protocol"),
            Map.entry("XEP-0172", "User Nickname"),
            Map.entry("XEP-0178", "Best Practices for Use of SASL EXTERNAL with Certificates (servers)"),
            Map.entry("XEP-0185", "Dialback Key Generation and Validation"),
            Map.entry("XEP-0191", "Blocking Command"),
            Map.entry("XEP-0198", "Stream Management"),
            Map.entry("XEP-0199", "XMPP Ping"),
            Map.entry("XEP-0202", "Entity Time"),
            Map.entry("XEP-0203", "Delayed Delivery"),
            Map.entry("XEP-0206", "XMPP Over BOSH"),
            Map.entry("XEP-0215", "External Service Discovery"),
            Map.entry("XEP-0220", "Server Dialback"),
            Map.entry("XEP-0222", "Persistent Storage of Public Data via PubSub"),
            Map.entry("XEP-0223", "Persistent Storage of Private Data via PubSub"),
            Map.entry("XEP-0227", "Portable Import/Export Format for XMPP-IM Servers"),
            Map.entry("XEP-0237", "Roster Versioning"),
            Map.entry("XEP-0249", "Direct MUC Invitations"),
            Map.entry("XEP-0280", "Message Carbons"),
            Map.entry("XEP-0292", "vCard4 Over XMPP"),
            Map.entry("XEP-0297", "Stanza Forwarding"),
            Map.entry("XEP-0308", "Last Message Correction"),
            Map.entry("XEP-0313", "Message Archive Management"),
            Map.entry("XEP-0334", "Message Processing Hints"),
            Map.entry("XEP-0352", "Client State Indication"),
            Map.entry("XEP-0353", "Jingle Message Initiation"),
            Map.entry("XEP-0357", "Push Notifications"),
            Map.entry("XEP-0359", "Unique and Stable Stanza IDs"),
            Map.entry("XEP-0363", "HTTP File Upload"),
            Map.entry("XEP-0368", "SRV records for XMPP over TLS (direct TLS, ALPN, SNI)"),
            Map.entry("XEP-0377", "Blocking Command Reports"),
            Map.entry("XEP-0379", "Pre-Authenticated Roster Subscription"),
            Map.entry("XEP-0384", "OMEMO Encryption"),
            Map.entry("XEP-0386", "Bind 2"),
            Map.entry("XEP-0388", "Extensible SASL Profile"),
            Map.entry("XEP-0390", "Entity Capabilities 2.0"),
            Map.entry("XEP-0398", "User Avatar to vCard-Based Avatars Conversion"),
            Map.entry("XEP-0401", "Ad-hoc Account Invitation Generation"),
            Map.entry("XEP-0402", "PEP Native Bookmarks"),
            Map.entry("XEP-0410", "MUC Self-Ping (Schrödinger's Chat)"),
            Map.entry("XEP-0411", "Bookmarks Conversion"),
            Map.entry("XEP-0421", "Occupant identifiers for semi-anonymous MUCs"),
            Map.entry("XEP-0424", "Message Retraction"),
            Map.entry("XEP-0425", "Moderated Message Retraction"),
            Map.entry("XEP-0430", "Inbox"),
            Map.entry("XEP-0440", "SASL Channel-Binding Type Capability"),
            Map.entry("XEP-0441", "Message Archive Management Preferences"),
            Map.entry("XEP-0445", "Pre-Authenticated In-Band Registration"),
            Map.entry("XEP-0455", "Service Outage Status"),
            Map.entry("XEP-0474", "SASL SCRAM Downgrade Protection"),
            Map.entry("XEP-0478", "Stream Limits Advertisement"),
            Map.entry("XEP-0480", "SASL Upgrade Tasks"),
            Map.entry("XEP-0490", "Message Displayed Synchronization"),
            Map.entry("XEP-0492", "Chat notification settings"),
            Map.entry("XEP-0484", "Fast Authentication Streamlining Tokens"),
            Map.entry("XEP-0494", "Client Access Management"),
            Map.entry("XEP-0509", "Initial Authentication Pipelining"),
            Map.entry("XEP-0515", "TLS Channel-Binding Downgrade Protection"));

    @Test
    void documentListsWhatTheModulesDeclare(@TempDir Path directory) throws Exception {
        assertWritten("xeps.md", list(documents(directory)));
    }

    /** XEP-0453: what the lists of software on the web are made from. */
    @Test
    void descriptionOfTheProjectListsWhatTheModulesDeclare(@TempDir Path directory) throws Exception {
        assertWritten("dunlin.doap", doap(documents(directory)));
    }

    private static void assertWritten(String name, String content) throws IOException {
        Path file = Path.of("..", "docs", name);
        if (Boolean.getBoolean("xeps.write")) {
            Files.writeString(file, content);
        }

        assertThat(Files.exists(file) ? Files.readString(file) : "").isEqualTo(content);
    }

    /** In the order of their names. */
    static List<Implemented> documents(Path directory) throws Exception {
        List<Implemented> documents = new ArrayList<>(STREAMS);
        try (MemoryStore store = new MemoryStore();
                GroupSync sync = new GroupSync(store, Durability.SYNC, failure -> {})) {
            Lanes lanes = new Lanes(store, sync, InstantSource.system(), 1);
            ServerConfig config = ServerConfig.defaults();
            ModuleRegistry registry = new ModuleRegistry(config, store, lanes);
            registry.provide(Accounts.class, new Accounts(config, store, lanes));
            registry.provide(SharedFiles.class, new SharedFiles(DirectoryFileStore.open(directory), 0));
            registry.provide(PublicAddresses.class, new PublicAddresses(config, domain -> domain));
            registry.provide(
                    Passwords.class, new Passwords(CredentialPolicy.DEFAULT, new SecureRandom(), Runnable::run));
            registry.provide(Apps.class, Apps.NONE);
            StandardModules.addTo(registry);
            documents.addAll(registry.documents());
        }
        documents.sort(Comparator.comparing(Implemented::document).thenComparing(Implemented::module));
        return documents;
    }

    private static String doap(List<Implemented> documents) {
        StringBuilder doap = new StringBuilder("""
                <?xml version='1.0' encoding='UTF-8'?>
                <rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'
                         xmlns='http://usefulinc.com/ns/doap#'
                         xmlns:xmpp='https://linkmauve.fr/ns/xmpp-doap#'>
                  <Project>
                    <name>Dunlin</name>
                    <shortdesc xml:lang='en'>XMPP server for phones that sleep</shortdesc>
                    <programming-language>Java</programming-language>
                    <os>Linux</os>
                    <license rdf:resource='https://www.apache.org/licenses/LICENSE-2.0'/>
                    <category rdf:resource='https://linkmauve.fr/ns/xmpp-doap#category-server'/>
                """);
        String previous = "";
        for (Implemented each : documents) {
            String number = each.document().substring(4);
            if (each.document().equals(previous)) {
                continue;
            }
            previous = each.document();
            doap.append(
                    each.document().startsWith("RFC")
                            ? "    <implements rdf:resource='https://xmpp.org/rfcs/rfc" + number + ".html'/>\n"
                            : "    <implements><xmpp:SupportedXep><xmpp:xep rdf:resource='https://xmpp.org/extensions/xep-"
                                    + number + ".html'/><xmpp:status>complete</xmpp:status><xmpp:version>"
                                    + each.version() + "</xmpp:version></xmpp:SupportedXep></implements>\n");
        }
        return doap.append("  </Project>\n</rdf:RDF>\n").toString();
    }

    private static String list(List<Implemented> documents) {
        StringBuilder list = new StringBuilder("""
                # What Dunlin implements

                Made from what the modules declare; the build fails when the two differ. All of it is on unless the
                configuration turns the module off.

                | document | title | version | module |
                | --- | --- | --- | --- |
                """);
        for (Implemented each : documents) {
            String title = TITLES.get(each.document());
            assertThat(title).as("title of " + each.document()).isNotNull();
            list.append("| ").append(each.document()).append(" | ").append(title);
            list.append(" | ")
                    .append(each.version())
                    .append(" | ")
                    .append(each.module())
                    .append(" |\n");
        }
        list.append("""

                ## Left out on purpose

                | document | title | why |
                | --- | --- | --- |
                | XEP-0124 §15 | Key sequences of BOSH | its sessions come over HTTPS or from this machine, where they would guard against nobody |
                | XEP-0060 §6.3 | Subscription Options of nodes | asking for them is answered with unsupported; what a client is told follows \
                from its presence and its capabilities |
                | XEP-0133 §4.9, §4.16, §4.17, §4.21, §4.22, §4.27, §4.28 | Last logins, active and idle users, a welcome | the statistics of a user \
                say when it was there; a quiet session may be a phone that sleeps; newcomers read the page of their invitation |
                | XEP-0133 §4.8, §4.11, §4.12, §4.29–§4.31 | Rosters of others, lists of domains, stop and start, admins by commands | what users have is theirs; the rest is in the configuration and concerns hosts of others on the same server |
                | XEP-0141 | Data Forms Layout | no form here has more than one page |
                | XEP-0158 | CAPTCHA Forms | clients make accounts by invitation, or in a limited number an hour; a picture keeps out \
                people who do not see it rather than programs that do |
                | XEP-0225 | Component Connections | deferred since 2008, and no component library speaks it |
                | XEP-0487 | Host Meta 2 | it takes the place of DNS and must name the server's addresses, which a server behind a \
                network's translation does not know; host-meta (XEP-0156) says the rest |
                """);
        return list.toString();
    }
}
