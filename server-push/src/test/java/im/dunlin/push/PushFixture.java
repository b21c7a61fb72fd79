// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.module.Setup;
import im.dunlin.core.modules.access.ClientAccessModule;
import im.dunlin.core.modules.caps.CapsModule;
import im.dunlin.core.modules.disco.DiscoModule;
import im.dunlin.core.modules.fast.FastModule;
import im.dunlin.core.modules.pubsub.PepModule;
import im.dunlin.core.testing.SessionModules;
import im.dunlin.core.xml.Element;
import im.dunlin.push.app.Apps;
import im.dunlin.sync.archive.ArchiveModule;
import im.dunlin.sync.calls.CallsModule;
import im.dunlin.sync.reconnect.ReconnectModule;
import im.dunlin.sync.synchronization.SynchronizationModule;
import java.util.Map;
import java.util.function.Consumer;

/** A server with push and what it stands on, and what clients say to it. */
public final class PushFixture {
    public static final BareJid JULIET = BareJid.of("juliet@localhost");
    public static final BareJid ROMEO = BareJid.of("romeo@localhost");

    private PushFixture() {}

    /** To be added to. */
    public static Map<String, Consumer<Setup>> modules(AppServer... services) {
        return modules(Apps.NONE, services);
    }

    /** @param apps whose devices the server reaches by itself */
    public static Map<String, Consumer<Setup>> modules(Apps apps, AppServer... services) {
        Map<String, Consumer<Setup>> modules = SessionModules.all();
        modules.put(FastModule.KEY, FastModule::new);
        modules.put("client-access", ClientAccessModule::new);
        modules.put("archive", ArchiveModule::new);
        modules.put("synchronization", SynchronizationModule::new);
        modules.put("calls", CallsModule::new);
        modules.put("reconnect", ReconnectModule::new);
        modules.put("disco", DiscoModule::new);
        modules.put("caps", CapsModule::new);
        modules.put(PepModule.KEY, PepModule::new);
        modules.put(PushModule.KEY, setup -> new PushModule(setup, apps));
        for (AppServer service : services) {
            modules.put(service.subdomain(), service::declare);
        }
        return modules;
    }

    public static AppServer service(String subdomain) {
        return new AppServer(subdomain);
    }

    /** The value of a field of the summary in what was published. */
    public static String field(Element publish, String name) {
        String text = publish.toString();
        int at = text.indexOf("<field var='" + name + "'><value>");
        return at < 0 ? "" : text.substring(text.indexOf("<value>", at) + 7, text.indexOf("</value>", at));
    }

    public static String form(String secret) {
        return "<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'>"
                + "<value>http://jabber.org/protocol/pubsub#publish-options</value></field>"
                + "<field var='secret'><value>" + secret + "</value></field></x>";
    }

    /** An iq that enables push. @param content of the element: form, extensions */
    public static String enable(String service, String node, String content) {
        return "<iq type='set' id='e'><enable xmlns='urn:xmpp:push:0' jid='" + service + "' node='" + node + "'>"
                + content + "</enable></iq>";
    }

    public static String enable(String node) {
        return enable(AppServer.JID, node, form("s-" + node));
    }

    /** Nobody but the one that it is for may read the text. */
    public static String chat(String to, String body) {
        Wiretap.keeps(body);
        return "<message type='chat' to='" + to + "'><body>" + body + "</body></message>";
    }
}
