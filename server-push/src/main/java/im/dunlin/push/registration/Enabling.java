// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.registration;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.jid.JidException;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.stanza.FormFields;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.stanza.StanzaException;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a client says when it enables push, in any of the dialects, checked. */
final class Enabling {
    /** A node may be a token of a push service. */
    private static final int MAX_NODE = 4_096;

    /** What stands in each push of a device, where there is little room. */
    private static final int MAX_OWN_NODE = 128;

    private static final int MAX_FORM_FIELDS = 10;
    private static final int MAX_FORM = 4 << 10;
    private static final int MAX_EXTENSIONS = 16 << 10;

    private static final Name PUSH2_SERVICE = Name.of(PushNames.PUSH2, "service");
    private static final Name PUSH2_CLIENT = Name.of(PushNames.PUSH2, "client");

    private Enabling() {}

    /** @throws StanzaException if it is not what it has to be */
    static Registration parse(Element enable, String device, Turn turn) {
        return checked(
                enable.is(PushNames.PUSH2_ENABLE) ? push2(enable, device, turn) : publishing(enable, device, turn),
                turn);
    }

    private static Registration publishing(Element enable, String device, Turn turn) {
        Jid service = service(enable.attr("jid"), turn);
        String node = node(enable.attr("node"));
        Element form = null;
        List<Element> extensions = new ArrayList<>();
        for (Element child : enable.children()) {
            if (!child.is(FormFields.FORM)) {
                extensions.add(child);
            } else if (form == null) {
                form = child;
            } else {
                throw StanzaError.badRequest("two forms").toException();
            }
        }
        checkForm(form);
        checkExtensions(extensions);
        return Registration.of(dialect(enable), service, node, device, form, extensions);
    }

    /** Devices of the host's apps need no other service, and nobody else names an address here. */
    private static Registration checked(Registration wanted, Turn turn) {
        boolean isDirect = wanted.wishes().direct() != null;
        boolean isOwnHost = wanted.service().equals(BareJid.ofDomain(turn.jid().domain()));
        if (isDirect != isOwnHost || isDirect && wanted.dialect() != Dialect.STANDARD) {
            throw StanzaError.badRequest("the host itself wakes devices of its apps, and no other does")
                    .toException();
        }
        Direct direct = wanted.wishes().direct();
        if (direct != null && direct.address() == null) {
            throw StanzaError.badRequest("a device has a token or an endpoint").toException();
        }
        if (isDirect && wanted.node().length() > MAX_OWN_NODE) {
            throw tooMuch("a node of the host has at most " + MAX_OWN_NODE + " characters");
        }
        return wanted;
    }

    private static Dialect dialect(Element enable) {
        return enable.is(PushNames.XABBER_ENABLE) ? Dialect.XABBER : Dialect.STANDARD;
    }

    private static Registration push2(Element enable, String device, Turn turn) {
        Push2Match.check(enable);
        String text = enable.text(PUSH2_SERVICE);
        Jid service = service(text == null ? null : text.strip(), turn);
        String client = node(enable.text(PUSH2_CLIENT));
        List<Element> extensions = enable.children().stream()
                .filter(child -> !child.is(PUSH2_SERVICE) && !child.is(PUSH2_CLIENT))
                .toList();
        checkExtensions(extensions);
        return Registration.of(Dialect.PUSH2, service, client.strip(), device, null, extensions);
    }

    static Jid service(@Nullable String text, Turn turn) {
        if (text == null) {
            throw StanzaError.badRequest("which service?").toException();
        }
        Jid service;
        try {
            service = Jid.parse(text);
        } catch (JidException e) {
            throw StanzaError.badRequest("the service has no such address").toException();
        }
        if (service.bare().equals(turn.jid())) {
            throw StanzaError.badRequest("an account is no push service of its own")
                    .toException();
        }
        return service;
    }

    private static String node(@Nullable String node) {
        if (node == null || node.isBlank()) {
            throw StanzaError.badRequest("which node?").toException();
        }
        if (node.getBytes(StandardCharsets.UTF_8).length > MAX_NODE) {
            throw tooMuch("a node has at most " + MAX_NODE + " octets");
        }
        return node;
    }

    private static void checkForm(@Nullable Element form) {
        if (form == null) {
            return;
        }
        if (form.children(FormFields.FIELD).size() > MAX_FORM_FIELDS || size(form) > MAX_FORM) {
            throw tooMuch("a form has at most " + MAX_FORM_FIELDS + " fields and " + MAX_FORM + " octets");
        }
        FormFields.parse(form, PushNames.PUBLISH_OPTIONS);
    }

    private static void checkExtensions(List<Element> extensions) {
        if (extensions.stream().mapToInt(Enabling::size).sum() > MAX_EXTENSIONS) {
            throw tooMuch("what is asked for has at most " + MAX_EXTENSIONS + " octets");
        }
    }

    private static int size(Element element) {
        return element.toString().getBytes(StandardCharsets.UTF_8).length;
    }

    private static StanzaException tooMuch(String text) {
        return StanzaError.policyViolation(text)
                .withType(StanzaError.Type.MODIFY)
                .toException();
    }
}
