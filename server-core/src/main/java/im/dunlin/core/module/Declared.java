// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.module;

import im.dunlin.core.xml.Element;
import java.util.List;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/** What the modules have declared: what disco says, and the list of documents. */
public interface Declared {
    /** Features at this domain: of the modules that its host has switched on. */
    SortedSet<String> features(Addressee of, String domain);

    List<Identity> identities(Addressee of);

    /** Extension forms for an entity at this domain. */
    List<Element> forms(Addressee of, String domain);

    /** Nodes of an entity at this domain. */
    List<DiscoNodes> nodes(Addressee of, String domain);

    /** Commands of an entity at this domain, in the order of their modules. */
    List<Command> commands(Addressee of, String domain);

    List<Service> services();

    @Nullable
    Service service(String domain);

    /** One line each, such as {@code XEP-0199 2.0.1 ping}. */
    List<Implemented> documents();

    /** @param document {@code XEP-0199} or {@code RFC 6120}; version is empty for an RFC */
    record Implemented(String document, String version, String module) {}
}
