// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.pubsub;

import im.dunlin.core.module.Setup;
import im.dunlin.core.modules.caps.CapsHash;
import im.dunlin.core.modules.caps.CapsModule;
import im.dunlin.core.modules.disco.DiscoModule;
import im.dunlin.core.testing.ImModules;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestXml;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What dialogues about nodes begin with and say often. */
public final class PepFixture {
    private PepFixture() {}

    /** To be added to. */
    public static Map<String, Consumer<Setup>> modules() {
        Map<String, Consumer<Setup>> modules = ImModules.all();
        modules.put("caps", CapsModule::new);
        modules.put("disco", DiscoModule::new);
        modules.put(PepModule.KEY, PepModule::new);
        return modules;
    }

    /** The client becomes available and wants to hear of these nodes; what it is sent meanwhile waits for it. */
    public static void available(TestClient client, String... nodes) {
        String disco = disco(nodes);
        client.sends(presence(nodes));
        for (int waiting = client.waiting(); waiting > 0; waiting--) {
            Element next = client.next();
            if (next.name().local().equals("iq")) {
                client.sends("<iq type='result' id='" + next.attr("id") + "' to='" + next.attr("from") + "'>" + disco
                        + "</iq>");
            }
        }
    }

    /** Of a client that wants to hear of these nodes. */
    public static String presence(String... nodes) {
        return "<presence><c xmlns='" + Ns.CAPS + "' hash='sha-1' node='urn:client' ver='"
                + CapsHash.sha1(TestXml.parse(disco(nodes))) + "'/></presence>";
    }

    public static String disco(String... nodes) {
        return "<query xmlns='" + Ns.DISCO_INFO + "'><identity category='client' type='pc'/>"
                + Arrays.stream(nodes)
                        .map(node -> "<feature var='" + node + "+notify'/>")
                        .collect(Collectors.joining())
                + "</query>";
    }

    /** What stands in the options of a publication, as pairs of a field and its value. */
    public static String options(String... fields) {
        return "<publish-options>" + form(NodeConfig.OPTIONS_FORM, fields) + "</publish-options>";
    }

    public static String form(String type, String... fields) {
        StringBuilder form = new StringBuilder("<x xmlns='jabber:x:data' type='submit'>"
                + "<field var='FORM_TYPE' type='hidden'><value>" + type + "</value></field>");
        for (int i = 0; i < fields.length; i += 2) {
            form.append("<field var='pubsub#").append(fields[i]).append("'><value>");
            form.append(fields[i + 1]).append("</value></field>");
        }
        return form.append("</x>").toString();
    }

    static String pubsub(String content) {
        return "<pubsub xmlns='" + Ns.PUBSUB + "'>" + content + "</pubsub>";
    }

    static String owner(String content) {
        return "<pubsub xmlns='" + Ns.PUBSUB_OWNER + "'>" + content + "</pubsub>";
    }

    /** @param to a whole attribute, or nothing for one's own account */
    static void get(TestClient client, String to, String request) {
        client.sends("<iq type='get' id='g' " + to + ">" + request + "</iq>");
    }

    static void set(TestClient client, String to, String request) {
        client.sends("<iq type='set' id='s' " + to + ">" + request + "</iq>");
    }

    public static void publish(TestClient client, String node, String item, String more) {
        set(client, "", pubsub("<publish node='" + node + "'>" + item + "</publish>" + more));
    }

    /** Publishes to one's own account, which takes it. */
    public static void published(TestClient client, String node, String item, String more) {
        publish(client, node, item, more);
        client.receives("<iq type='result' id='s'/>");
    }

    static String item(String id, String text) {
        return "<item id='" + id + "'><tune xmlns='urn:tune'>" + text + "</tune></item>";
    }

    /** Asks for items and takes the answer. */
    static Element items(TestClient client, String to, String attributes) {
        get(client, to, pubsub("<items " + attributes + "/>"));
        Element answer = client.receives("<iq type='result' id='g'/>");
        return Objects.requireNonNull(
                Objects.requireNonNull(answer.firstChild()).firstChild());
    }

    static String ids(Element items) {
        return items.children().stream()
                .map(item -> String.valueOf(item.attr("id")))
                .collect(Collectors.joining(" "));
    }

    /** The condition of XEP-0060 in an error. */
    static @Nullable String condition(Element error) {
        return Objects.requireNonNull(error.first(Name.of(Ns.CLIENT, "error"))).children().stream()
                .map(Element::name)
                .filter(name -> name.namespace().equals(Ns.PUBSUB + "#errors"))
                .map(Name::local)
                .findAny()
                .orElse(null);
    }
}
