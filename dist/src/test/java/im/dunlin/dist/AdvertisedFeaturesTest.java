// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.files.DirectoryFileStore;
import im.dunlin.core.files.SharedFiles;
import im.dunlin.core.http.PublicAddresses;
import im.dunlin.core.module.Setup;
import im.dunlin.core.modules.pubsub.PepFixture;
import im.dunlin.core.testing.ImModules;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import im.dunlin.push.app.Apps;
import im.dunlin.storage.memory.MemoryStore;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * What disco says can be done is done: a client walks from its host to all that it finds there, and for each feature of each entity
 * does what that feature promises. A feature without such an exercise fails, and so does an exercise that no entity has need of.
 */
class AdvertisedFeaturesTest {
    private static final String PUBSUB = Ns.PUBSUB + "#";
    private static final String VALIDATE = "http://jabber.org/protocol/xdata-validate";
    private static final String UPLOAD = "urn:xmpp:http:upload:0";

    @TempDir
    Path directory;

    private TestServer server;
    private TestClient juliet;
    private TestClient balcony;
    /** One of Xabber's, to which other things are shown. */
    private TestClient xabber;

    private TestClient romeo;
    private TestClient tybalt;
    private int questions;

    /**
     * An entity whose features are tried.
     *
     * @param jid whom requests are for
     * @param owner may do there what a client does with its own
     * @param other a contact of the owner
     */
    private record Place(String jid, TestClient owner, TestClient other) {
        boolean isAccount() {
            return jid.contains("@");
        }
    }

    /** Tries one feature; fails if it does not do what it says. */
    private interface Exercise {
        void at(Place place);
    }

    private final Map<String, Exercise> exercises = new TreeMap<>();

    @BeforeEach
    void start() throws Exception {
        SharedFiles files = new SharedFiles(DirectoryFileStore.open(directory), 0);
        Map<String, Consumer<Setup>> modules = new LinkedHashMap<>();
        modules.put("given", setup -> {
            PublicAddresses addresses = new PublicAddresses(setup.config(), domain -> domain);
            addresses.listening(true, 443);
            setup.provide(SharedFiles.class, files)
                    .provide(PublicAddresses.class, addresses)
                    .provide(Apps.class, Apps.NONE);
        });
        modules.putAll(StandardModules.constructors());
        server = TestServer.with(
                new MemoryStore(),
                new TestServer.TestTime(),
                StandardModules.configurations().parse("""
                hosts: { localhost: { admins: [ juliet@localhost ], registration: { enabled: true },
                  modules: { push: { changesPerHour: 1000 } } } }
                """),
                modules);
        juliet = server.connect("juliet@localhost/chamber");
        balcony = server.connect("juliet@localhost/balcony");
        xabber = server.connect("juliet@localhost/xabber");
        romeo = server.connect("romeo@localhost/orchard");
        tybalt = server.connect("tybalt@localhost/street");
        ImModules.befriend(romeo, juliet);
        all().forEach(client -> client.sends("<presence/>"));
        forget();
        pubsub();
        storage();
        messages();
        push();
        rooms();
        rest();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private List<TestClient> all() {
        return List.of(juliet, balcony, xabber, romeo, tybalt);
    }

    private void forget() {
        all().forEach(TestClient::ignores);
    }

    // ---- the walk
    // ----------------------------------------------------------------------------------------------------

    /** The host, everything among its items, the client's own account and that of a contact. */
    private List<Place> places() {
        List<Place> places = new ArrayList<>(List.of(
                new Place("localhost", juliet, romeo),
                new Place("juliet@localhost", juliet, romeo),
                new Place("romeo@localhost", romeo, juliet)));
        Element items = result(juliet, "get", "localhost", "<query xmlns='" + Ns.DISCO_ITEMS + "'/>");
        items.children().forEach(item -> places.add(new Place(item.requireAttr("jid"), juliet, romeo)));
        return places;
    }

    /** As juliet is told. */
    private List<String> features(Place place) {
        return result(juliet, "get", place.jid(), "<query xmlns='" + Ns.DISCO_INFO + "'/>")
                .children(Name.of(Ns.DISCO_INFO, "feature"))
                .stream()
                .map(feature -> feature.requireAttr("var"))
                .toList();
    }

    @TestFactory
    Stream<DynamicTest> eachFeatureDoesWhatItSays() {
        List<DynamicTest> tests = new ArrayList<>();
        for (Place place : places()) {
            for (String feature : features(place)) {
                tests.add(DynamicTest.dynamicTest(place.jid() + " " + feature, () -> {
                    forget();
                    Exercise exercise = exercises.get(feature);
                    assertThat(exercise).as("an exercise of " + feature).isNotNull();
                    Objects.requireNonNull(exercise).at(place);
                }));
            }
        }
        return tests.stream();
    }

    @Test
    void nothingIsTriedThatIsNotAdvertised() {
        TreeSet<String> advertised = new TreeSet<>();
        places().forEach(place -> advertised.addAll(features(place)));

        assertThat(advertised).containsAll(exercises.keySet());
    }

    // ---- what a client says
    // ------------------------------------------------------------------------------------------

    /** The answer, whatever comes before it. */
    private Element answer(TestClient client, String type, String to, String payload) {
        String id = "q" + ++questions;
        client.sends("<iq type='" + type + "' id='" + id + "' to='" + to + "'>" + payload + "</iq>");
        return await(client, element -> id.equals(element.attr("id")));
    }

    /** What is in the answer, which is a result; the answer itself if nothing is. */
    private Element result(TestClient client, String type, String to, String payload) {
        Element answer = answer(client, type, to, payload);
        assertThat(answer.attr("type")).as(payload + " " + answer).isEqualTo("result");
        return Objects.requireNonNullElse(answer.firstChild(), answer);
    }

    private void refused(TestClient client, String type, String to, String payload) {
        Element answer = answer(client, type, to, payload);
        assertThat(answer.attr("type")).as(payload + " " + answer).isEqualTo("error");
    }

    private static Element await(TestClient client, Predicate<Element> wanted) {
        List<Element> others = new ArrayList<>();
        while (client.waiting() > 0) {
            Element next = client.next();
            if (wanted.test(next)) {
                return next;
            }
            others.add(next);
        }
        throw new AssertionError("not among " + others);
    }

    private static void hears(TestClient client, String what) {
        await(client, element -> element.toString().contains(what));
    }

    private static void hearsNothingOf(TestClient client, String what) {
        while (client.waiting() > 0) {
            assertThat(client.next().toString()).doesNotContain(what);
        }
    }

    // ---- publish-subscribe
    // -------------------------------------------------------------------------------------------

    private static String pubsub(String content) {
        return "<pubsub xmlns='" + Ns.PUBSUB + "'>" + content + "</pubsub>";
    }

    private static String owner(String content) {
        return "<pubsub xmlns='" + Ns.PUBSUB_OWNER + "'>" + content + "</pubsub>";
    }

    private static String form(String type, String... fields) {
        return PepFixture.form(PUBSUB + type, fields);
    }

    /** A node that nobody has yet. */
    private String node(Place place, String... fields) {
        String node = "node" + ++questions;
        result(
                place.owner(),
                "set",
                place.jid(),
                pubsub("<create node='" + node + "'/><configure>" + form("node_config", fields) + "</configure>"));
        return node;
    }

    private void publish(Place place, String node, String id) {
        result(place.owner(), "set", place.jid(), publication(node, id));
    }

    private static String publication(String node, String id) {
        return pubsub("<publish node='" + node + "'><item id='" + id + "'><a xmlns='urn:a'/></item></publish>");
    }

    private static String items(String node) {
        return pubsub("<items node='" + node + "'/>");
    }

    private String ids(Place place, TestClient reader, String node) {
        return ids(result(reader, "get", place.jid(), items(node)));
    }

    private static String ids(Element pubsub) {
        return Objects.requireNonNull(pubsub.firstChild()).children().stream()
                .map(item -> String.valueOf(item.attr("id")))
                .reduce("", (a, b) -> a.isEmpty() ? b : a + " " + b);
    }

    private void affiliate(Place place, String node, TestClient who, String affiliation) {
        result(
                place.owner(),
                "set",
                place.jid(),
                owner("<affiliations node='" + node + "'><affiliation jid='"
                        + who.jid().bare() + "' affiliation='" + affiliation + "'/></affiliations>"));
    }

    private Element subscribe(Place place, TestClient who, String node) {
        return result(who, "set", place.jid(), pubsub("<subscribe node='" + node + "' jid='" + who.jid() + "'/>"));
    }

    private void pubsub() {
        exercises.put(Ns.PUBSUB, place -> publish(place, node(place), "1"));
        exercises.put(PUBSUB + "access-open", place -> {
            String node = node(place, "access_model", "open");
            publish(place, node, "1");
            assertThat(ids(place, tybalt, node)).isEqualTo("1");
        });
        exercises.put(PUBSUB + "access-presence", place -> {
            String node = node(place, "access_model", "presence");
            publish(place, node, "1");
            assertThat(ids(place, place.other(), node)).isEqualTo("1");
            refused(tybalt, "get", place.jid(), items(node));
        });
        exercises.put(PUBSUB + "access-roster", place -> {
            String node = node(place, "access_model", "roster", "roster_groups_allowed", "Friends");
            publish(place, node, "1");
            refused(place.other(), "get", place.jid(), items(node));
            place.owner()
                    .sends("<iq type='set' id='g'><query xmlns='jabber:iq:roster'><item jid='"
                            + place.other().jid().bare() + "'><group>Friends</group></item></query></iq>");
            assertThat(ids(place, place.other(), node)).isEqualTo("1");
        });
        exercises.put(PUBSUB + "access-whitelist", place -> {
            String node = node(place, "access_model", "whitelist");
            publish(place, node, "1");
            refused(place.other(), "get", place.jid(), items(node));
            affiliate(place, node, place.other(), "member");
            assertThat(ids(place, place.other(), node)).isEqualTo("1");
        });
        exercises.put(PUBSUB + "access-authorize", place -> {
            String node = node(place, "access_model", "authorize");
            assertThat(subscribe(place, place.other(), node).toString()).contains("subscription='pending'");
            refused(place.other(), "get", place.jid(), items(node));
        });
        exercises.put(PUBSUB + "auto-create", place -> publish(place, "made" + ++questions, "1"));
        exercises.put(PUBSUB + "auto-subscribe", this::interest);
        exercises.put(PUBSUB + "filtered-notifications", this::interest);
        Exercise configure = place -> {
            String node = node(place, "title", "Before");
            result(
                    place.owner(),
                    "set",
                    place.jid(),
                    owner("<configure node='" + node + "'>" + form("node_config", "title", "After") + "</configure>"));
            assertThat(result(place.owner(), "get", place.jid(), owner("<configure node='" + node + "'/>"))
                            .toString())
                    .contains("<value>After</value>");
        };
        exercises.put(PUBSUB + "config-node", configure);
        exercises.put(PUBSUB + "create-and-configure", configure);
        exercises.put(PUBSUB + "config-node-max", place -> {
            String node = node(place, "max_items", "max");
            publish(place, node, "1");
            publish(place, node, "2");
            assertThat(ids(place, place.owner(), node)).isEqualTo("1 2");
        });
        exercises.put(PUBSUB + "create-nodes", this::node);
        exercises.put(PUBSUB + "instant-nodes", place -> {
            Element made = result(place.owner(), "set", place.jid(), pubsub("<create/>"));
            publish(place, Objects.requireNonNull(made.firstChild()).requireAttr("node"), "1");
        });
        Exercise retract = place -> {
            String node = node(place);
            publish(place, node, "1");
            result(place.owner(), "set", place.jid(), pubsub("<retract node='" + node + "'><item id='1'/></retract>"));
            assertThat(ids(place, place.owner(), node)).isEmpty();
        };
        exercises.put(PUBSUB + "delete-items", retract);
        exercises.put(PUBSUB + "retract-items", retract);
        exercises.put(PUBSUB + "delete-nodes", place -> {
            String node = node(place);
            result(place.owner(), "set", place.jid(), owner("<delete node='" + node + "'/>"));
            refused(place.owner(), "get", place.jid(), items(node));
        });
        Exercise keep = place -> {
            String node = node(place);
            publish(place, node, "mine");
            assertThat(ids(place, place.owner(), node)).isEqualTo("mine");
        };
        exercises.put(PUBSUB + "item-ids", keep);
        exercises.put(PUBSUB + "persistent-items", keep);
        exercises.put(PUBSUB + "publish", keep);
        exercises.put(PUBSUB + "retrieve-items", keep);
        exercises.put(PUBSUB + "last-published", place -> {
            String node = node(place, "access_model", "open");
            publish(place, node, "newest");
            subscribe(place, place.other(), node);
            hears(place.other(), "<item id='newest'>");
        });
        exercises.put(PUBSUB + "manage-subscriptions", place -> {
            String node = node(place, "access_model", "open");
            subscribe(place, place.other(), node);
            assertThat(result(place.owner(), "get", place.jid(), owner("<subscriptions node='" + node + "'/>"))
                            .toString())
                    .contains("jid='" + place.other().jid() + "'");
        });
        exercises.put(PUBSUB + "subscription-notifications", place -> {
            String node = node(place, "access_model", "open");
            subscribe(place, place.other(), node);
            result(
                    place.owner(),
                    "set",
                    place.jid(),
                    owner("<subscriptions node='" + node + "'><subscription jid='"
                            + place.other().jid() + "' subscription='none'/></subscriptions>"));
            hears(place.other(), "subscription='none'");
        });
        exercises.put(PUBSUB + "subscribe", place -> {
            String node = node(place, "access_model", "open");
            subscribe(place, place.other(), node);
            publish(place, node, "1");
            hears(place.other(), "<item id='1'>");
        });
        exercises.put(PUBSUB + "member-affiliation", exercises.get(PUBSUB + "access-whitelist"));
        exercises.put(PUBSUB + "outcast-affiliation", place -> {
            String node = node(place, "access_model", "open");
            affiliate(place, node, place.other(), "outcast");
            refused(place.other(), "get", place.jid(), items(node));
        });
        Exercise publisher = place -> {
            String node = node(place, "access_model", "open");
            refused(place.other(), "set", place.jid(), publication(node, "1"));
            affiliate(place, node, place.other(), "publisher");
            result(place.other(), "set", place.jid(), publication(node, "1"));
        };
        exercises.put(PUBSUB + "publisher-affiliation", publisher);
        exercises.put(PUBSUB + "modify-affiliations", publisher);
        exercises.put(PUBSUB + "publish-only-affiliation", place -> {
            String node = node(place, "access_model", "whitelist");
            affiliate(place, node, place.other(), "publish-only");
            result(place.other(), "set", place.jid(), publication(node, "1"));
            refused(place.other(), "get", place.jid(), items(node));
        });
        exercises.put(PUBSUB + "meta-data", place -> {
            String node = node(place, "title", "Lines", "access_model", "open");
            assertThat(result(
                                    place.other(),
                                    "get",
                                    place.jid(),
                                    "<query xmlns='" + Ns.DISCO_INFO + "' node='" + node + "'/>")
                            .toString())
                    .contains("pubsub#meta-data")
                    .contains("<value>Lines</value>");
        });
        exercises.put(PUBSUB + "multi-items", exercises.get(PUBSUB + "config-node-max"));
        exercises.put(PUBSUB + "publish-options", place -> {
            String node = node(place, "access_model", "open");
            refused(
                    place.owner(),
                    "set",
                    place.jid(),
                    pubsub("<publish node='" + node + "'><item><a xmlns='urn:a'/></item></publish><publish-options>"
                            + form("publish-options", "access_model", "whitelist") + "</publish-options>"));
        });
        exercises.put(PUBSUB + "purge-nodes", place -> {
            String node = node(place);
            publish(place, node, "1");
            result(place.owner(), "set", place.jid(), owner("<purge node='" + node + "'/>"));
            assertThat(ids(place, place.owner(), node)).isEmpty();
        });
        exercises.put(PUBSUB + "retrieve-affiliations", place -> {
            String node = node(place);
            assertThat(result(place.owner(), "get", place.jid(), pubsub("<affiliations/>"))
                            .toString())
                    .contains("node='" + node + "' affiliation='owner'");
        });
        exercises.put(PUBSUB + "retrieve-subscriptions", place -> {
            String node = node(place, "access_model", "open");
            subscribe(place, place.other(), node);
            assertThat(result(place.other(), "get", place.jid(), pubsub("<subscriptions/>"))
                            .toString())
                    .contains("node='" + node + "'");
        });
        exercises.put(
                PUBSUB + "retrieve-default",
                place -> assertThat(result(place.owner(), "get", place.jid(), owner("<default/>"))
                                .toString())
                        .contains("pubsub#access_model"));
        exercises.put(PUBSUB + "rsm", place -> {
            String node = node(place, "max_items", "max");
            List.of("1", "2", "3").forEach(id -> publish(place, node, id));
            Element page = result(
                    place.owner(),
                    "get",
                    place.jid(),
                    pubsub("<items node='" + node + "'/><set xmlns='" + Ns.RSM
                            + "'><max>1</max><after>1</after></set>"));
            assertThat(ids(page)).isEqualTo("2");
        });
    }

    /** Contacts with an interest hear of a node without having subscribed, and nobody else. */
    private void interest(Place place) {
        String node = "interesting" + ++questions;
        TestClient interested = server.connect(place.other().jid().bare() + "/interested");
        PepFixture.available(interested, node);
        place.other().ignores();

        publish(place, node, "1");

        hears(interested, "node='" + node + "'");
        hearsNothingOf(place.other(), node);
        interested.leaves();
    }

    // ---- what an account keeps
    // ---------------------------------------------------------------------------------------

    private void storage() {
        exercises.put("jabber:iq:private", place -> {
            String stored = "<query xmlns='jabber:iq:private'><a xmlns='urn:a'><b/></a></query>";
            result(juliet, "set", "juliet@localhost", stored);
            assertThat(result(
                                    juliet,
                                    "get",
                                    "juliet@localhost",
                                    "<query xmlns='jabber:iq:private'><a xmlns='urn:a'/></query>")
                            .toString())
                    .contains("<b");
        });
        exercises.put("vcard-temp", place -> {
            String jid = place.isAccount() ? place.jid() : "juliet@localhost";
            result(place.owner(), "set", jid, "<vCard xmlns='vcard-temp'><FN>Name</FN></vCard>");
            assertThat(result(place.other(), "get", jid, "<vCard xmlns='vcard-temp'/>")
                            .toString())
                    .contains("<FN>Name</FN>");
        });
        exercises.put("urn:xmpp:pep-vcard-conversion:0", place -> {
            String data = "<publish node='urn:xmpp:avatar:data'><item id='c22b5f9178342609428d6f51b2c5af4c0bde6a42'>"
                    + "<data xmlns='urn:xmpp:avatar:data'>aGk=</data></item></publish>";
            String metadata = "<publish node='urn:xmpp:avatar:metadata'>"
                    + "<item id='c22b5f9178342609428d6f51b2c5af4c0bde6a42'><metadata xmlns='urn:xmpp:avatar:metadata'>"
                    + "<info bytes='2' id='c22b5f9178342609428d6f51b2c5af4c0bde6a42' type='image/png'/></metadata></item>"
                    + "</publish>";
            result(place.owner(), "set", place.jid(), pubsub(data));
            result(place.owner(), "set", place.jid(), pubsub(metadata));
            assertThat(result(place.other(), "get", place.jid(), "<vCard xmlns='vcard-temp'/>")
                            .toString())
                    .contains("<BINVAL>aGk=</BINVAL>");
        });
        Exercise bookmarks = place -> {
            result(
                    place.owner(),
                    "set",
                    place.jid(),
                    pubsub("<publish node='urn:xmpp:bookmarks:1'><item id='coven@rooms.localhost'>"
                            + "<conference xmlns='urn:xmpp:bookmarks:1'/></item></publish>"));
            assertThat(result(
                                    place.owner(),
                                    "get",
                                    place.jid(),
                                    "<query xmlns='jabber:iq:private'><storage xmlns='storage:bookmarks'/></query>")
                            .toString())
                    .contains("jid='coven@rooms.localhost'");
            assertThat(result(place.owner(), "get", place.jid(), items("storage:bookmarks"))
                            .toString())
                    .contains("jid='coven@rooms.localhost'");
        };
        exercises.put("urn:xmpp:bookmarks:1#compat", bookmarks);
        exercises.put("urn:xmpp:bookmarks:1#compat-pep", bookmarks);
        exercises.put("urn:xmpp:bookmarks-conversion:0", bookmarks);
        exercises.put("urn:xmpp:mds:server-assist:0", place -> {
            place.owner()
                    .sends("<message to='" + place.other().jid().bare() + "' type='chat'>"
                            + "<displayed xmlns='urn:xmpp:chat-markers:0' id='m1'/><displayed"
                            + " xmlns='urn:xmpp:mds:displayed:0'><stanza-id xmlns='urn:xmpp:sid:0' by='" + place.jid()
                            + "' id='1767225600000001'/></displayed></message>");
            assertThat(ids(place, place.owner(), "urn:xmpp:mds:displayed:0"))
                    .isEqualTo(place.other().jid().bare().toString());
        });
    }

    // ---- messages
    // ----------------------------------------------------------------------------------------------------

    /** From romeo to juliet, and what her archive says of it. */
    private Element archived(String id, String content) {
        server.after(Duration.ofSeconds(1));
        romeo.sends("<message type='chat' id='" + id + "' to='juliet@localhost'>" + content + "</message>");
        return archive("");
    }

    /** All that a page of juliet's archive says, and its end. */
    private Element archive(String more) {
        juliet.ignores();
        String id = "q" + ++questions;
        juliet.sends("<iq type='set' id='" + id + "'><query xmlns='" + Ns.MAM + "'>" + more + "<set xmlns='" + Ns.RSM
                + "'><max>5</max><before/></set></query></iq>");
        Element page = Element.of(Name.of("urn:test", "page"));
        for (int waiting = juliet.waiting(); waiting > 0; waiting--) {
            page = page.child(juliet.next());
        }
        assertThat(page.toString()).contains("<fin ").contains("id='" + id + "'");
        return page;
    }

    private void messages() {
        String body = "<body>It is the east</body>";
        exercises.put(
                Ns.MAM, place -> assertThat(archived("mam", body).toString()).contains("It is the east"));
        exercises.put(Ns.MAM + "#extended", place -> {
            assertThat(result(juliet, "get", "juliet@localhost", "<query xmlns='" + Ns.MAM + "'/>")
                            .toString())
                    .contains("var='before-id'")
                    .contains("var='ids'");
            archived("extended", body);
            assertThat(result(juliet, "get", "juliet@localhost", "<metadata xmlns='" + Ns.MAM + "'/>")
                            .toString())
                    .contains("<start ")
                    .contains("<end ");
        });
        Exercise fields =
                place -> assertThat(result(juliet, "get", "juliet@localhost", "<query xmlns='" + Ns.MAM + "'/>")
                                .toString())
                        .contains("var='include-groupchat'")
                        .contains("var='with-tags'");
        exercises.put(Ns.MAM + "#groupchat-field", fields);
        exercises.put("https://xabber.com/protocol/archive", fields);
        exercises.put(
                Ns.STANZA_ID,
                place -> assertThat(archived("sid", body).toString()).contains("<stanza-id xmlns='urn:xmpp:sid:0'"));
        exercises.put(
                Ns.HINTS,
                place -> assertThat(archived("hint", "<body>Forget me</body><no-store xmlns='urn:xmpp:hints'/>")
                                .toString())
                        .doesNotContain("Forget me"));
        Exercise retract = place -> {
            archived("rash", "<body>Too rash</body>");
            String tombstone = archived("undo", "<retract xmlns='" + Ns.RETRACTION + "' id='rash'/>" + body)
                    .toString();
            assertThat(tombstone).doesNotContain("Too rash").contains("<retracted xmlns='" + Ns.RETRACTION + "'");
        };
        exercises.put(Ns.RETRACTION, retract);
        exercises.put(Ns.RETRACTION + "#tombstone", retract);
        Exercise offline = place -> {
            server.account("benvolio@localhost");
            romeo.sends("<message type='chat' to='benvolio@localhost'><body>Wait</body></message>");
            server.after(Duration.ofSeconds(1));
            TestClient benvolio = server.connect("benvolio@localhost/x");
            benvolio.sends("<presence/>");
            assertThat(await(benvolio, element -> element.toString().contains("Wait"))
                            .toString())
                    .contains("<delay xmlns='urn:xmpp:delay'");
            benvolio.leaves();
        };
        exercises.put("msgoffline", offline);
        exercises.put(Ns.DELAY, offline);
        exercises.put(Ns.CARBONS, place -> {
            result(balcony, "set", "juliet@localhost", "<enable xmlns='" + Ns.CARBONS + "'/>");
            romeo.sends("<message type='chat' to='" + juliet.jid() + "'><body>Hush</body></message>");
            hears(balcony, "<received xmlns='" + Ns.CARBONS + "'");
        });
        exercises.put("urn:xmpp:inbox:1", place -> {
            archived("inbox", body);
            result(juliet, "get", "juliet@localhost", "<inbox xmlns='urn:xmpp:inbox:1'/>");
        });
        exercises.put("https://xabber.com/protocol/synchronization", place -> {
            archived("sync", body);
            assertThat(result(
                                    xabber,
                                    "get",
                                    "juliet@localhost",
                                    "<query xmlns='https://xabber.com/protocol/synchronization'/>")
                            .toString())
                    .contains("jid='romeo@localhost'");
        });
        exercises.put(
                "https://xabber.com/protocol/rewrite",
                place -> assertThat(result(
                                        xabber,
                                        "get",
                                        "juliet@localhost",
                                        "<query xmlns='https://xabber.com/protocol/rewrite'/>")
                                .attr("version"))
                        .isNotNull());
        exercises.put("https://xabber.com/protocol/delivery", place -> {
            xabber.sends("<message type='chat' id='m' to='romeo@localhost'><body>Ay me</body>"
                    + "<origin-id xmlns='urn:xmpp:sid:0' id='o" + ++questions
                    + "'/><retry xmlns='https://xabber.com/protocol/delivery'/></message>");
            hears(xabber, "<received xmlns='https://xabber.com/protocol/delivery'");
        });
        exercises.put(
                "https://dunlin.im/protocol/calls/1",
                place -> assertThat(result(juliet, "get", "juliet@localhost", "<calls xmlns='" + Ns.CALLS + "'/>")
                                .attr("now"))
                        .isNotNull());
        exercises.put(
                "https://dunlin.im/protocol/reconnect/1",
                place -> assertThat(result(
                                        xabber,
                                        "get",
                                        "juliet@localhost",
                                        "<reconnect xmlns='https://dunlin.im/protocol/reconnect/1'/>")
                                .attr("stamp"))
                        .isNotNull());
        Exercise block = place -> {
            result(
                    juliet,
                    "set",
                    "juliet@localhost",
                    "<block xmlns='urn:xmpp:blocking'><item jid='tybalt@localhost'>"
                            + "<report xmlns='urn:xmpp:reporting:1' reason='urn:xmpp:reporting:spam'/></item></block>");
            tybalt.sends("<message type='chat' id='b' to='juliet@localhost'><body>Villain</body></message>");
            hears(tybalt, "type='error'");
            result(
                    juliet,
                    "set",
                    "juliet@localhost",
                    "<unblock xmlns='urn:xmpp:blocking'><item jid='tybalt@localhost'/></unblock>");
        };
        exercises.put("urn:xmpp:blocking", block);
        exercises.put("urn:xmpp:reporting:1", place -> {
            block.at(place);
            assertThat(command("https://dunlin.im/protocol/admin#reports", "").toString())
                    .contains("tybalt@localhost");
        });
    }

    // ---- push
    // --------------------------------------------------------------------------------------------------------

    /** An example of RFC 8291, appendix A. */
    private static final String POINT =
            "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";

    private static final String AUTH = "BTBZMqHH6r4Tts7J_aSIgg";

    private static String enable(String content) {
        return "<enable xmlns='urn:xmpp:push:0' jid='push.example' node='n'>" + content + "</enable>";
    }

    private static String enable2(String send) {
        return "<enable xmlns='urn:xmpp:push2:0'><service>push.example</service><client>c</client>"
                + "<match profile='urn:xmpp:push2:match:important'>" + send + "</match></enable>";
    }

    /** A device is registered with this, and not with that. */
    private void registers(String right, String wrong) {
        refused(juliet, "set", "juliet@localhost", wrong);
        result(juliet, "set", "juliet@localhost", right);
        result(juliet, "set", "juliet@localhost", "<disable xmlns='urn:xmpp:push:0' jid='push.example'/>");
    }

    private static String base64(byte[] octets) {
        return Base64.getEncoder().encodeToString(octets);
    }

    private void push() {
        exercises.put("urn:xmpp:push:0", place -> registers(enable(""), "<enable xmlns='urn:xmpp:push:0' node='n'/>"));
        String own = "<settings xmlns='https://dunlin.im/protocol/push/1'><key alg='webpush' auth='" + AUTH
                + "'>%s</key>" + "</settings>";
        exercises.put(
                "https://dunlin.im/protocol/push/1",
                place -> registers(enable(own.formatted(POINT)), enable(own.formatted("AAAA"))));
        String key = "<encrypt xmlns='tigase:push:encrypt:0' alg='%s'>" + base64(new byte[16]) + "</encrypt>";
        Exercise tigase = place -> registers(enable(key.formatted("aes-128-gcm")), enable(key.formatted("rot13")));
        exercises.put("tigase:push:encrypt:0", tigase);
        exercises.put("tigase:push:encrypt:aes-128-gcm", tigase);
        for (String wish : List.of("priority:0", "jingle:0", "filter:ignore-unknown:0")) {
            String name = wish.replaceFirst("filter:", "").replaceFirst(":0", "");
            exercises.put(
                    "tigase:push:" + wish,
                    place -> registers(
                            enable("<" + name + " xmlns='tigase:push:" + wish + "'/>"),
                            enable(key.formatted("rot13"))));
        }
        String muted = "<muted xmlns='tigase:push:filter:muted:0'><item jid='%s'/></muted>";
        exercises.put(
                "tigase:push:filter:muted:0",
                place -> registers(enable(muted.formatted("romeo@localhost")), enable(muted.formatted("@"))));
        String rooms = "<groupchat xmlns='tigase:push:filter:groupchat:0'><room jid='%s' allow='always'/></groupchat>";
        exercises.put(
                "tigase:push:filter:groupchat:0",
                place -> registers(enable(rooms.formatted("coven@rooms.localhost")), enable(rooms.formatted("@"))));
        Exercise push2 = place -> registers(enable2("<send xmlns='urn:xmpp:push2:send:notify-only:0'/>"), enable2(""));
        exercises.put("urn:xmpp:push2:0", push2);
        exercises.put("urn:xmpp:push2:match:important", push2);
        exercises.put("urn:xmpp:push2:send:notify-only:0", push2);
        String encrypted =
                "<send xmlns='urn:xmpp:push2:send:sce+rfc8291+rfc8292:0'><ua-public>%s</ua-public><auth-secret>"
                        + base64(Base64.getUrlDecoder().decode(AUTH)) + "</auth-secret></send>";
        exercises.put(
                "urn:xmpp:push2:send:sce+rfc8291+rfc8292:0",
                place -> registers(
                        enable2(encrypted.formatted(
                                base64(Base64.getUrlDecoder().decode(POINT)))),
                        enable2(encrypted.formatted("AAAA"))));
    }

    // ---- rooms
    // -------------------------------------------------------------------------------------------------------

    /** Both join a room; juliet says something that romeo is to hear. */
    private void rooms() {
        String room = "balcony@rooms.localhost";
        Exercise chat = place -> {
            for (TestClient client : List.of(juliet, romeo)) {
                client.sends("<presence to='" + room + "/" + client.jid().bare().local()
                        + "'><x xmlns='http://jabber.org/protocol/muc'/></presence>");
                answer(
                        client,
                        "set",
                        room,
                        "<query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'/></query>");
            }
            forget();
            juliet.sends("<message type='groupchat' id='stable' to='" + room + "'><body>Ay me</body></message>");
        };
        exercises.put("http://jabber.org/protocol/muc", place -> {
            chat.at(place);
            hears(romeo, "from='" + room + "/juliet'");
        });
        exercises.put("http://jabber.org/protocol/muc#stable_id", place -> {
            chat.at(place);
            hears(romeo, "id='stable'");
        });
        exercises.put("urn:xmpp:occupant-id:0", place -> {
            chat.at(place);
            hears(romeo, "<occupant-id ");
        });
        exercises.put("http://jabber.org/protocol/muc#self-ping-optimization", place -> {
            chat.at(place);
            result(romeo, "get", room + "/romeo", "<ping xmlns='urn:xmpp:ping'/>");
            refused(tybalt, "get", room + "/romeo", "<ping xmlns='urn:xmpp:ping'/>");
        });
    }

    // ---- the rest
    // ----------------------------------------------------------------------------------------------------

    private Element command(String node, String content) {
        return result(
                juliet,
                "set",
                "localhost",
                "<command xmlns='" + Ns.COMMANDS + "' node='" + node + "'>" + content + "</command>");
    }

    private Element info(String jid, @Nullable String node) {
        return result(
                juliet,
                "get",
                jid,
                "<query xmlns='" + Ns.DISCO_INFO + "'" + (node == null ? "" : " node='" + node + "'") + "/>");
    }

    private static Element streamFeature(TestClient client, Name name) {
        return client.features().requireChild(name);
    }

    private Element slot(Place place, String purpose) {
        return result(
                juliet,
                "get",
                place.jid(),
                "<request xmlns='" + UPLOAD + "' filename='a.png' size='5' content-type='image/png'>" + purpose
                        + "</request>");
    }

    private void rest() {
        exercises.put(
                Ns.DISCO_INFO,
                place -> assertThat(info(place.jid(), null).children(Name.of(Ns.DISCO_INFO, "identity")))
                        .isNotEmpty());
        exercises.put(
                Ns.DISCO_ITEMS, place -> result(juliet, "get", place.jid(), "<query xmlns='" + Ns.DISCO_ITEMS + "'/>"));
        exercises.put(
                Ns.RSM,
                place -> assertThat(result(
                                        juliet,
                                        "get",
                                        place.jid(),
                                        "<query xmlns='" + Ns.DISCO_ITEMS + "'><set xmlns='" + Ns.RSM
                                                + "'><max>1</max></set></query>")
                                .toString())
                        .contains("<count>"));
        exercises.put(Ns.CAPS, place -> {
            Element caps = streamFeature(juliet, Name.of(Ns.CAPS, "c"));
            assertThat(info(place.jid(), caps.attr("node") + "#" + caps.attr("ver"))
                            .children())
                    .isEqualTo(info(place.jid(), null).children());
        });
        exercises.put(Ns.CAPS2, place -> {
            for (Element hash : streamFeature(juliet, Name.of(Ns.CAPS2, "c")).children()) {
                assertThat(info(place.jid(), Ns.CAPS2 + "#" + hash.attr("algo") + "." + hash.text())
                                .children())
                        .isEqualTo(info(place.jid(), null).children());
            }
        });
        exercises.put(
                Ns.COMMANDS,
                place -> assertThat(command("http://jabber.org/protocol/admin#get-online-users-num", "")
                                .toString())
                        .contains("status='completed'"));
        exercises.put(
                Ns.DATA_FORMS,
                place -> assertThat(command("http://jabber.org/protocol/admin#add-user", "")
                                .toString())
                        .contains("<x xmlns='jabber:x:data' type='form'>"));
        exercises.put(VALIDATE, place -> {
            Element commands = result(
                    juliet, "get", place.jid(), "<query xmlns='" + Ns.DISCO_ITEMS + "' node='" + Ns.COMMANDS + "'/>");
            assertThat(commands.children().stream()
                            .map(item -> answer(
                                            juliet,
                                            "set",
                                            place.jid(),
                                            "<command xmlns='" + Ns.COMMANDS + "' node='" + item.attr("node") + "'/>")
                                    .toString()))
                    .anyMatch(form -> form.contains("<validate xmlns='" + VALIDATE + "'"));
        });
        exercises.put(
                "jabber:iq:last",
                place -> assertThat(result(juliet, "get", place.jid(), "<query xmlns='jabber:iq:last'/>")
                                .attr("seconds"))
                        .isNotNull());
        exercises.put(
                "jabber:iq:register",
                place -> assertThat(result(juliet, "get", place.jid(), "<query xmlns='jabber:iq:register'/>")
                                .toString())
                        .contains("<registered"));
        exercises.put(
                "jabber:iq:version",
                place -> assertThat(result(juliet, "get", place.jid(), "<query xmlns='jabber:iq:version'/>")
                                .toString())
                        .contains("<name>Dunlin</name>"));
        exercises.put("urn:xmpp:ping", place -> result(juliet, "get", place.jid(), "<ping xmlns='urn:xmpp:ping'/>"));
        exercises.put(
                "urn:xmpp:time",
                place -> assertThat(result(juliet, "get", place.jid(), "<time xmlns='urn:xmpp:time'/>")
                                .toString())
                        .contains("<utc>"));
        exercises.put(UPLOAD, place -> assertThat(slot(place, "").toString()).contains("<put url='https://localhost/"));
        Map.of("ephemeral", "expire-before='2099-01-01T00:00:00Z'", "message", "", "profile", "")
                .forEach((purpose, attributes) -> exercises.put(
                        "urn:xmpp:http:upload:purpose:0#" + purpose,
                        place -> assertThat(slot(
                                                place,
                                                "<" + purpose + " xmlns='urn:xmpp:http:upload:purpose:0' " + attributes
                                                        + "/>")
                                        .toString())
                                .contains("<get url='https://localhost/")));
    }
}
