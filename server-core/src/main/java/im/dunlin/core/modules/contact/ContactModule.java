// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.contact;

import static im.dunlin.core.module.Addressee.SERVER;

import im.dunlin.core.config.HostConfig;
import im.dunlin.core.jid.XmppUri;
import im.dunlin.core.module.Setup;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.ElementBuilder;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** XEP-0157: Contact Addresses for XMPP Services. The configured administrators of a host can be found and written to. */
public final class ContactModule {
    private static final Name FORM = Name.of(Ns.DATA_FORMS, "x");
    private static final Name FIELD = Name.of(Ns.DATA_FORMS, "field");
    private static final Name VALUE = Name.of(Ns.DATA_FORMS, "value");

    private final Map<String, HostConfig> hosts;

    public ContactModule(Setup setup) {
        hosts = setup.config().hosts();
        setup.implementing(157, "1.1.1").discoForm(this::form, SERVER);
    }

    private @Nullable Element form(String domain) {
        HostConfig host = hosts.get(domain);
        if (host == null || host.admins().isEmpty()) {
            return null;
        }
        ElementBuilder admins = Element.builder(FIELD).attr("var", "admin-addresses");
        host.admins().forEach(admin -> admins.child(VALUE, XmppUri.of(admin)));
        return Element.builder(FORM)
                .attr("type", "result")
                .child(Element.builder(FIELD)
                        .attr("var", "FORM_TYPE")
                        .attr("type", "hidden")
                        .child(VALUE, "http://jabber.org/network/serverinfo")
                        .build())
                .child(admins.build())
                .build();
    }
}
