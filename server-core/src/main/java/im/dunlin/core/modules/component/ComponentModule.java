// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.component;

import static im.dunlin.core.module.Addressee.SERVER;

import im.dunlin.core.component.Component;
import im.dunlin.core.component.Components;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.DiscoNodes;
import im.dunlin.core.module.Setup;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import java.util.List;
import java.util.Objects;

/** XEP-0114: Jabber Component Protocol. Clients find the components that are connected among the items of their host. */
public final class ComponentModule implements DiscoNodes {
    private static final Name ITEM = Name.of(Ns.DISCO_ITEMS, "item");

    private final Components components;

    public ComponentModule(Setup setup) {
        components = setup.require(Components.class);
        setup.implementing(114, "1.6").discoNodes(this, SERVER);
    }

    @Override
    public List<Element> items(Iq iq, Turn turn) {
        return components.of(Objects.requireNonNull(iq.to()).domain()).stream()
                .filter(Component::isConnected)
                .map(component -> Element.of(ITEM).attr("jid", component.domain()))
                .toList();
    }
}
