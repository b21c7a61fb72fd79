// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.calls;

import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.testing.TestXml;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Set;

/** A device that rings and falls silent as docs/protocol/calls.md has it. */
final class Phone {
    private static final Name CALLS = Name.of(Ns.CALLS, "calls");

    private TestServer server;
    private final String jid;
    private final Set<String> ringing = new LinkedHashSet<>();
    private final Set<String> over = new LinkedHashSet<>();
    private TestClient client;
    private String resumption = "";
    private long handled;

    private Phone(TestServer server, String jid, TestClient client) {
        this.server = server;
        this.jid = jid;
        this.client = client;
    }

    /** A device that is there, told of calls and of what its account's other devices do. */
    static Phone on(TestServer server, String jid) {
        Phone phone = new Phone(server, jid, server.connect(jid));
        phone.begin();
        return phone;
    }

    private void begin() {
        client.sends("<enable xmlns='urn:xmpp:sm:3' resume='true'/>");
        resumption = Objects.requireNonNull(
                client.receives("<enabled xmlns='urn:xmpp:sm:3'/>").attr("id"));
        handled = 0;
        client.sends("<iq type='set' id='e1'><enable xmlns='" + Ns.CALLS + "'/></iq>");
        client.sends("<iq type='set' id='e2'><enable xmlns='urn:xmpp:carbons:2'/></iq>");
        client.sends("<presence/>");
        look();
    }

    String jid() {
        return jid;
    }

    void sends(String xml) {
        look();
        client.sends(xml);
        if (!xml.contains("<propose")) {
            // Who answers or declines does not ring any more.
            hear(TestXml.parse(xml));
        }
    }

    TestClient client() {
        return client;
    }

    /** Its connection breaks. */
    void sleeps() {
        look();
        client.loses();
    }

    /** It comes back to its session. */
    void wakes() {
        client = server.login(jid.substring(0, jid.indexOf('/')));
        client.sends("<resume xmlns='urn:xmpp:sm:3' previd='" + resumption + "' h='" + handled + "'/>");
        client.receives("<resumed xmlns='urn:xmpp:sm:3'/>");
        Element first = client.next();
        if (first.first(CALLS) == null) {
            throw new AssertionError("calls come first, not " + first);
        }
        see(first);
        look();
    }

    /** It has lost its session and begins another. */
    void returns(TestServer to) {
        Phone again = on(to, jid);
        server = to;
        client = again.client;
        resumption = again.resumption;
        handled = again.handled;
        ringing.clear();
        ringing.addAll(again.ringing);
    }

    /** What rings on it, when it has looked at everything it was sent. */
    Set<String> ringing() {
        look();
        return ringing;
    }

    private void look() {
        while (client.waiting() > 0) {
            see(client.next());
        }
    }

    private void see(Element element) {
        if (element.name().namespace().equals(Ns.CLIENT)) {
            handled++;
        }
        hear(element);
    }

    /** Words of calls wherever they are: in messages, copies of messages and reports. */
    private void hear(Element element) {
        if (element.is(CALLS)) {
            if (element.attr("complete") != null) {
                ringing.clear();
            }
            element.children().forEach(this::report);
            return;
        }
        String sid = element.attr("id");
        if (element.name().namespace().equals(Ns.JINGLE_MESSAGE) && sid != null) {
            if (element.name().local().equals("propose")) {
                ring(sid);
            } else if (!element.name().local().equals("ringing")) {
                stop(sid);
            }
            return;
        }
        boolean own = element.name().is(Ns.CARBONS, "sent");
        for (Element child : element.children()) {
            // What this account proposes does not ring here.
            if (!own || !child.toString().contains("<propose")) {
                hear(child);
            }
        }
    }

    private void report(Element call) {
        String sid = Objects.requireNonNull(call.attr("sid"));
        boolean rings = "in".equals(call.attr("dir")) && call.attr("ttl") != null && call.attr("continues") == null;
        if (rings) {
            ring(sid);
        } else if (call.attr("ttl") == null) {
            stop(sid);
        }
    }

    /** What is over stays over: a propose that is sent again changes nothing. */
    private void ring(String sid) {
        if (!over.contains(sid)) {
            ringing.add(sid);
        }
    }

    private void stop(String sid) {
        ringing.remove(sid);
        over.add(sid);
    }
}
