// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.disco;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.config.ConfigException;
import im.dunlin.core.config.ConfigLoader;
import im.dunlin.core.config.ModuleConfig;
import im.dunlin.core.config.ServerConfig;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Addressee;
import im.dunlin.core.module.DiscoNodes;
import im.dunlin.core.module.Setup;
import im.dunlin.core.modules.caps.CapsHash;
import im.dunlin.core.modules.echo.EchoModule;
import im.dunlin.core.modules.ping.PingModule;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.stream.Negotiation;
import im.dunlin.core.testing.ImModules;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.testing.TestXml;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import im.dunlin.storage.memory.MemoryStore;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DiscoDialogueTest {
    private static final String FORM = "<x xmlns='jabber:x:data' type='result'>"
            + "<field var='FORM_TYPE' type='hidden'><value>urn:example:form</value></field></x>";

    private final TestServer server = TestServer.with(modules());
    private final TestClient romeo = server.connect("romeo@localhost/orchard");
    private final TestClient juliet = server.connect("juliet@localhost/balcony");

    private static Map<String, Consumer<Setup>> modules() {
        Map<String, Consumer<Setup>> modules = ImModules.all();
        modules.put("disco", DiscoModule::new);
        modules.put("ping", PingModule::new);
        modules.put("echo", EchoModule::new);
        modules.put("form", setup -> setup.discoForm(domain -> TestXml.parse(FORM), Addressee.SERVER));
        modules.put(
                "many",
                setup -> setup.discoNodes(
                        new DiscoNodes() {
                            @Override
                            public @Nullable List<Element> items(String node, Iq iq, Turn turn) {
                                return !node.equals("many")
                                        ? null
                                        : IntStream.range(0, 1_200)
                                                .mapToObj(i -> Element.of(Name.of(Ns.DISCO_ITEMS, "item"))
                                                        .attr("jid", "localhost")
                                                        .attr("node", "n" + i))
                                                .toList();
                            }
                        },
                        Addressee.SERVER));
        return modules;
    }

    @AfterEach
    void close() {
        server.close();
    }

    private static void info(TestClient asker, String attributes, String node) {
        asker.sends("<iq type='get' id='i' " + attributes + "><query xmlns='" + Ns.DISCO_INFO + "'" + node + "/></iq>");
    }

    private static void items(TestClient asker, String attributes) {
        asker.sends("<iq type='get' id='i' " + attributes + "><query xmlns='" + Ns.DISCO_ITEMS + "'/></iq>");
    }

    private static Element query(TestClient asker) {
        return Objects.requireNonNull(
                asker.receives("<iq type='result' id='i'/>").firstChild());
    }

    private static List<String> features(Element query) {
        return query.children(Name.of(Ns.DISCO_INFO, "feature")).stream()
                .map(feature -> Objects.requireNonNull(feature.attr("var")))
                .toList();
    }

    @Test
    void serverSaysWhatModulesDeclare() {
        info(juliet, "to='localhost'", "");

        Element query = query(juliet);

        assertThat(features(query))
                .contains(Ns.DISCO_INFO, Ns.DISCO_ITEMS, "urn:xmpp:ping", Ns.DELAY)
                .doesNotHaveDuplicates()
                .isSorted();
        Element identity = query.requireChild(Name.of(Ns.DISCO_INFO, "identity"));
        assertThat(identity.attr("category")).isEqualTo("server");
        assertThat(identity.attr("type")).isEqualTo("im");
        assertThat(query.has(Name.of(Ns.DATA_FORMS, "x"))).isTrue();
        assertThat(query.attr("node")).isNull();
    }

    /** "Advertise only what works, on the entity where it works". */
    @Test
    void moduleThatTheHostSwitchedOffIsNotMentioned() throws ConfigException {
        ServerConfig config = new ConfigLoader(Map.of("ping", ModuleConfig.None.class))
                .parse("hosts: { localhost: { modules: { ping: false } } }");
        try (TestServer without = TestServer.with(new MemoryStore(), new TestServer.TestTime(), config, modules())) {
            TestClient client = without.connect("juliet@localhost/balcony");

            info(client, "to='localhost'", "");

            assertThat(features(query(client))).contains(Ns.DELAY).doesNotContain("urn:xmpp:ping");
        }
    }

    @Test
    void serviceThatTheHostSwitchedOffIsNotThere() throws ConfigException {
        ServerConfig config = new ConfigLoader(Map.of("echo", ModuleConfig.None.class))
                .parse("hosts: { localhost: { modules: { echo: false } } }");
        try (TestServer without = TestServer.with(new MemoryStore(), new TestServer.TestTime(), config, modules())) {
            TestClient client = without.connect("juliet@localhost/balcony");

            items(client, "to='localhost'");
            assertThat(query(client).children()).isEmpty();
            info(client, "to='echo.localhost'", "");
            client.receivesError("remote-server-not-found");
        }
    }

    @Test
    void serverListsItsServices() {
        items(juliet, "to='localhost'");

        Element item = query(juliet).children().get(0);

        assertThat(item.attr("jid")).isEqualTo("echo.localhost");
        assertThat(item.attr("name")).isEqualTo("Echo");
    }

    // ---- pages (XEP-0059)
    // ------------------------------------------------------------------------------------------

    private Element many(@Nullable String set) {
        juliet.sends("<iq type='get' id='i' to='localhost'><query xmlns='" + Ns.DISCO_ITEMS + "' node='many'>"
                + (set == null ? "" : "<set xmlns='" + Ns.RSM + "'>" + set + "</set>") + "</query></iq>");
        return query(juliet);
    }

    private static List<String> nodes(Element query) {
        return query.children(Name.of(Ns.DISCO_ITEMS, "item")).stream()
                .map(item -> item.requireAttr("node"))
                .toList();
    }

    private static String mark(Element query, String name) {
        return query.requireChild(Name.of(Ns.RSM, "set")).requireText(Name.of(Ns.RSM, name));
    }

    @Test
    void longListIsReadInPages() {
        List<String> read = new ArrayList<>();
        Element page = many("<max>400</max>");
        while (!nodes(page).isEmpty()) {
            assertThat(nodes(page)).hasSize(400);
            assertThat(mark(page, "count")).isEqualTo("1200");
            read.addAll(nodes(page));
            page = many("<max>400</max><after>" + mark(page, "last") + "</after>");
        }

        assertThat(read).hasSize(1_200).doesNotHaveDuplicates();
    }

    @Test
    void listIsReadFromItsEndToo() {
        Element last = many("<max>2</max><before/>");
        assertThat(nodes(last)).containsExactly("n1198", "n1199");

        assertThat(nodes(many("<max>2</max><before>" + mark(last, "first") + "</before>")))
                .containsExactly("n1196", "n1197");
    }

    @Test
    void listThatIsTooLongForOneAnswerSaysSo() {
        Element first = many(null);

        assertThat(nodes(first)).hasSize(DiscoModule.MOST_ITEMS);
        assertThat(mark(first, "count")).isEqualTo("1200");
        assertThat(nodes(many("<max>1000000</max>"))).hasSize(DiscoModule.MOST_ITEMS);
        assertThat(nodes(many("<max>0</max>"))).isEmpty();
    }

    @Test
    void pageThatCannotBeIsRefused() {
        for (String set : List.of("<after>gone</after>", "<before>gone</before>")) {
            juliet.sends("<iq type='get' id='i' to='localhost'><query xmlns='" + Ns.DISCO_ITEMS
                    + "' node='many'><set xmlns='" + Ns.RSM + "'>" + set + "</set></query></iq>");
            juliet.receivesError("item-not-found");
        }
        juliet.sends("<iq type='get' id='i' to='localhost'><query xmlns='" + Ns.DISCO_ITEMS
                + "' node='many'><set xmlns='" + Ns.RSM + "'><max>many</max></set></query></iq>");
        juliet.receivesError("bad-request");
    }

    @Test
    void serviceAnswersForItself() {
        info(juliet, "to='echo.localhost'", "");

        Element query = query(juliet);

        assertThat(query.requireChild(Name.of(Ns.DISCO_INFO, "identity")).attr("type"))
                .isEqualTo("bot");
        assertThat(features(query)).contains(Ns.DISCO_INFO, "urn:xmpp:ping").doesNotContain(Ns.DELAY);
    }

    /** "unknown node is item-not-found, never the parent's data". */
    @Test
    void unknownNodeIsNotFound() {
        for (String to : List.of("to='localhost'", "to='juliet@localhost'", "to='echo.localhost'", "")) {
            info(juliet, to, " node='nothing'");
            juliet.receivesError("item-not-found");
        }
    }

    /** XEP-0115 §6.2: the node that was asked for is echoed, with exactly what was hashed. */
    @Test
    void nodeOfTheCapsHashIsAnsweredWithWhatWasHashed() {
        info(juliet, "to='localhost'", "");
        Element plain = query(juliet);
        String hash = CapsHash.sha1(plain);

        info(juliet, "to='localhost'", " node='" + DiscoModule.CAPS_NODE + "#" + hash + "'");

        Element query = query(juliet);
        assertThat(query.attr("node")).isEqualTo(DiscoModule.CAPS_NODE + "#" + hash);
        assertThat(query.children()).isEqualTo(plain.children());
    }

    /** XEP-0115 §6.3: the hash in the stream features is that of the answer. */
    @Test
    void streamFeatureNamesTheNodeThatIsAnswered() {
        Element caps = streamFeature(Name.of(Ns.CAPS, "c"));

        info(juliet, "to='localhost'", " node='" + caps.attr("node") + "#" + caps.attr("ver") + "'");

        assertThat(caps.attr("hash")).isEqualTo("sha-1");
        assertThat(features(query(juliet))).contains(Ns.DISCO_INFO);
    }

    /** XEP-0390 §6.2, §6.5. */
    @Test
    void eachHashOfTheStreamFeatureIsThatOfTheAnswer() {
        info(juliet, "to='localhost'", "");
        Element plain = query(juliet);
        List<Element> hashes = streamFeature(Name.of(Ns.CAPS2, "c")).children();

        assertThat(features(plain)).contains(Ns.CAPS2);
        assertThat(hashes).extracting(hash -> hash.attr("algo")).containsExactly("sha-256", "sha3-256");
        for (Element hash : hashes) {
            assertThat(hash.text()).isEqualTo(CapsHash.current(plain, hash.requireAttr("algo")));
            info(juliet, "to='localhost'", " node='urn:xmpp:caps#" + hash.attr("algo") + "." + hash.text() + "'");
            assertThat(query(juliet).children()).isEqualTo(plain.children());
        }
        info(juliet, "to='localhost'", " node='urn:xmpp:caps#sha-256.AAAA'");
        juliet.receivesError("item-not-found");
    }

    private Element streamFeature(Name name) {
        Negotiation stream = (Negotiation) Proxy.newProxyInstance(
                Negotiation.class.getClassLoader(),
                new Class<?>[] {Negotiation.class},
                (proxy, method, arguments) -> method.getName().equals("domain") ? "localhost" : null);
        return server.modules().streamFeatures().stream()
                .map(feature -> feature.advertise(stream))
                .filter(element -> element != null && element.is(name))
                .findAny()
                .orElseThrow();
    }

    @Test
    void ownAccountIsDescribedAndListsItsResources() {
        juliet.sends("<presence/>");
        juliet.ignores();
        server.connect("juliet@localhost/hidden");

        info(juliet, "", "");
        Element query = query(juliet);
        items(juliet, "to='juliet@localhost'");

        assertThat(query.requireChild(Name.of(Ns.DISCO_INFO, "identity")).attr("category"))
                .isEqualTo("account");
        assertThat(query(juliet).children())
                .singleElement()
                .matches(item -> "juliet@localhost/balcony".equals(item.attr("jid")));
    }

    /** XEP-0030 §8, threat S14. */
    @Test
    void strangerLearnsAsLittleOfAnAccountAsOfNone() {
        for (String to : List.of("to='juliet@localhost'", "to='nobody@localhost'")) {
            info(romeo, to, "");
            Element refused = romeo.receivesError("service-unavailable");
            assertThat(refused.children()).hasSize(2);
            info(romeo, to, " node='x'");
            romeo.receivesError("service-unavailable");
            items(romeo, to);
            romeo.receivesError("service-unavailable");
        }
    }

    @Test
    void subscriberSeesTheAccount() {
        ImModules.befriend(romeo, juliet);
        juliet.sends("<presence/>");
        juliet.ignores();
        romeo.ignores();

        info(romeo, "to='juliet@localhost'", "");
        assertThat(features(query(romeo))).contains(Ns.DISCO_INFO).doesNotContain("urn:xmpp:ping");
        items(romeo, "to='juliet@localhost'");
        assertThat(query(romeo).children()).hasSize(1);
    }
}
