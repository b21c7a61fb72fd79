// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net;

import com.fasterxml.aalto.AsyncByteArrayFeeder;
import com.fasterxml.aalto.AsyncXMLStreamReader;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.jid.JidException;
import im.dunlin.core.net.StreamEvent.BodyOpened;
import im.dunlin.core.net.StreamEvent.MalformedStanza;
import im.dunlin.core.net.StreamEvent.NonzaReceived;
import im.dunlin.core.net.StreamEvent.StanzaReceived;
import im.dunlin.core.net.StreamEvent.StreamOpened;
import im.dunlin.core.stanza.Header;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.Presence;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.stream.StreamError.Condition;
import im.dunlin.core.xml.CanonicalWriter;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Ns;
import im.dunlin.core.xml.Payload;
import im.dunlin.core.xml.XmlText;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes stream events of XML events: parses the header of a stanza, and writes what is inside it as
 * canonical bytes without building a tree.
 *
 * <p>Elements of the stream's content namespace, and of {@code jabber:server}, become {@code jabber:client}:
 * the same bytes serve every stream.
 */
final class StanzaAssembler {
    private static final int MAX_ID_BYTES = 1024;
    private static final int MAX_LANG_LENGTH = 64;
    private static final int MAX_HEADER_BYTES = 3071;
    private static final String XMLNS = "http://www.w3.org/2000/xmlns/";

    private final String contentNamespace;

    /** Of the stream; stanzas without their own have it. */
    private @Nullable String streamLang;

    /** The kind of the stanza being read, null inside a nonza and between elements. */
    private @Nullable String kind;

    private Header header = Header.EMPTY;
    private @Nullable String type;

    /** The first thing that makes this stanza unusable. */
    private @Nullable StanzaError fault;

    StanzaAssembler(String contentNamespace) {
        this.contentNamespace = contentNamespace;
    }

    /** Forgets the stream. */
    void reset() {
        streamLang = null;
        endOfElement();
    }

    private void endOfElement() {
        kind = null;
        header = Header.EMPTY;
        type = null;
        fault = null;
    }

    /** The stream's start tag. */
    StreamOpened header(XmlReader xml, DecoderLimits limits) throws ViolationException {
        AsyncXMLStreamReader<AsyncByteArrayFeeder> reader = xml.events();
        checkNames(reader, limits);
        if (!Ns.STREAMS.equals(reader.getNamespaceURI())) {
            throw new ViolationException(Condition.INVALID_NAMESPACE, "not the namespace of streams");
        }
        if (!reader.getLocalName().equals("stream")) {
            throw new ViolationException(Condition.BAD_FORMAT, "not a stream");
        }
        // RFC 6120 section 4.8.3: without the content namespace here, each stanza declares it.
        String around = xml.defaultNamespace();
        if (!around.equals(contentNamespace) && !around.isEmpty() && !around.equals(Ns.STREAMS)) {
            throw new ViolationException(Condition.INVALID_NAMESPACE, "expected " + contentNamespace);
        }
        Jid to = null;
        Jid from = null;
        String version = null;
        String id = null;
        for (int i = 0; i < reader.getAttributeCount(); i++) {
            String value = reader.getAttributeValue(i);
            if (value.length() > MAX_HEADER_BYTES) {
                throw new ViolationException(Condition.IMPROPER_ADDRESSING, "attribute too long");
            }
            if (isLang(reader, i)) {
                streamLang = lang(value);
            } else if (isPlain(reader, i)) {
                switch (reader.getAttributeLocalName(i)) {
                    case "to" -> to = streamJid(value);
                    case "from" -> from = streamJid(value);
                    case "version" -> version = value;
                    case "id" -> id = value;
                    default -> {
                        // Others mean nothing to us (RFC 6120 section 4.7).
                    }
                }
            }
        }
        return new StreamOpened(to, from, version, id, streamLang, contentNamespace);
    }

    /** The start tag of a body of BOSH. */
    BodyOpened body(XmlReader xml, DecoderLimits limits) throws ViolationException {
        AsyncXMLStreamReader<AsyncByteArrayFeeder> reader = xml.events();
        checkNames(reader, limits);
        if (!Ns.HTTP_BIND.equals(reader.getNamespaceURI())
                || !reader.getLocalName().equals("body")) {
            throw new ViolationException(Condition.BAD_FORMAT, "not a body of BOSH");
        }
        Map<String, String> attributes = new HashMap<>();
        for (int i = 0; i < reader.getAttributeCount(); i++) {
            String value = reader.getAttributeValue(i);
            if (value.length() > MAX_HEADER_BYTES) {
                throw new ViolationException(Condition.POLICY_VIOLATION, "attribute too long");
            }
            String name = reader.getAttributeLocalName(i);
            if (isLang(reader, i)) {
                streamLang = lang(value);
                attributes.put("xml:lang", value);
            } else if (isPlain(reader, i)) {
                attributes.put(name, value);
            } else if (namespaceOf(reader, i).equals(Ns.XBOSH)) {
                attributes.put("xmpp:" + name, value);
            }
        }
        return new BodyOpened(attributes);
    }

    /** What stanzas have that name no language of their own. */
    void streamLang(@Nullable String lang) {
        streamLang = lang == null ? null : lang(lang);
    }

    /** The element that opens a stream over WebSocket; it declares no content namespace. */
    StreamOpened opened(Element open) throws ViolationException {
        String to = open.attr("to");
        String from = open.attr("from");
        String lang = open.lang();
        streamLang = lang == null ? null : lang(lang);
        return new StreamOpened(
                to == null ? null : streamJid(to),
                from == null ? null : streamJid(from),
                open.attr("version"),
                open.attr("id"),
                streamLang,
                contentNamespace);
    }

    private static Jid streamJid(String value) throws ViolationException {
        try {
            return Jid.parse(value);
        } catch (JidException e) {
            throw new ViolationException(Condition.IMPROPER_ADDRESSING, "no address: " + e.getMessage());
        }
    }

    /** A start tag; at level 1 it begins a stanza or a nonza. */
    void start(XmlReader xml, int level, CanonicalWriter out, DecoderLimits limits) throws ViolationException {
        AsyncXMLStreamReader<AsyncByteArrayFeeder> reader = xml.events();
        checkNames(reader, limits);
        String namespace = reader.getNamespaceURI();
        if (namespace.equals(Ns.XML)) {
            // XML gives no meaning to it, and without its prefix it could not be written.
            throw new ViolationException(Condition.RESTRICTED_XML, "an element with the prefix xml");
        }
        boolean handshake = level == 1 && namespace.equals(Ns.COMPONENT) && isHandshake(reader.getLocalName());
        if (level == 1 && isContent(namespace) && !handshake) {
            stanza(reader, namespace);
            return;
        }
        out.start(isContent(namespace) && !handshake ? Ns.CLIENT : namespace, reader.getLocalName());
        for (int i = 0; i < reader.getAttributeCount(); i++) {
            String prefix = reader.getAttributePrefix(i);
            out.attr(
                    prefix == null ? "" : prefix,
                    namespaceOf(reader, i),
                    reader.getAttributeLocalName(i),
                    reader.getAttributeValue(i));
        }
    }

    /** The one element of a component's namespace that is no stanza (XEP-0114 §3). */
    private boolean isHandshake(String name) {
        return contentNamespace.equals(Ns.COMPONENT) && name.equals("handshake");
    }

    private boolean isContent(String namespace) {
        return namespace.equals(contentNamespace) || namespace.equals(Ns.SERVER) || namespace.equals(Ns.CLIENT);
    }

    private void stanza(AsyncXMLStreamReader<?> reader, String namespace) throws ViolationException {
        if (!namespace.equals(contentNamespace)) {
            throw new ViolationException(Condition.INVALID_NAMESPACE, "expected " + contentNamespace);
        }
        String name = reader.getLocalName();
        kind = switch (name) {
            case "message" -> "message";
            case "presence" -> "presence";
            case "iq" -> "iq";
            default -> throw new ViolationException(Condition.UNSUPPORTED_STANZA_TYPE, "no stanza of this kind");
        };
        Jid to = null;
        Jid from = null;
        String id = null;
        String lang = streamLang;
        for (int i = 0; i < reader.getAttributeCount(); i++) {
            if (isLang(reader, i)) {
                lang = lang(reader.getAttributeValue(i));
            } else if (isPlain(reader, i)) {
                String value = reader.getAttributeValue(i);
                switch (reader.getAttributeLocalName(i)) {
                    case "to" -> to = jid("to", value);
                    case "from" -> from = jid("from", value);
                    case "id" -> id = id(value);
                    case "type" -> type = value;
                    default -> {
                        // A stanza has no others (RFC 6120 section 8.1).
                    }
                }
            }
        }
        header = new Header(to, from, id, lang);
    }

    private @Nullable Jid jid(String attribute, String value) {
        try {
            return Jid.parse(value);
        } catch (JidException e) {
            fault(StanzaError.jidMalformed(attribute + ": " + e.getMessage()));
            return null;
        }
    }

    private @Nullable String id(String value) {
        if (value.length() > MAX_ID_BYTES / 3 && utf8Length(value) > MAX_ID_BYTES) {
            fault(StanzaError.badRequest("id is longer than " + MAX_ID_BYTES + " bytes"));
            return null;
        }
        return value;
    }

    /** A language tag, null for anything that is none: it is written into every stanza that inherits it. */
    private static @Nullable String lang(String value) {
        if (value.isEmpty() || value.length() > MAX_LANG_LENGTH) {
            return null;
        }
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (!(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-')) {
                return null;
            }
        }
        return value;
    }

    private void fault(StanzaError error) {
        if (fault == null) {
            fault = error;
        }
    }

    /** Character data; between the children of a stanza it means nothing and is dropped. */
    void text(XmlReader xml, CanonicalWriter out) throws ViolationException {
        if (out.depth() == 0) {
            xml.checkText();
        } else {
            xml.text(out);
        }
    }

    /** An end tag; at level 1 the event is complete. */
    @Nullable
    StreamEvent end(int level, int size, CanonicalWriter out) {
        if (out.depth() > 0) {
            out.end();
        }
        if (level > 1) {
            return null;
        }
        StreamEvent event = kind == null
                ? new NonzaReceived(Element.parse(out.toByteArray()), size)
                : stanza(kind, out.toPayload(), size);
        endOfElement();
        return event;
    }

    private StreamEvent stanza(String kind, Payload payload, int size) {
        StanzaReceived received = switch (kind) {
            case "message" -> new StanzaReceived(Message.of(header, Message.Type.parse(type), payload), size);
            case "presence" -> presence(payload, size);
            default -> iq(payload, size);
        };
        if (received != null && fault == null) {
            return received;
        }
        StanzaError error = fault == null ? StanzaError.badRequest() : fault;
        boolean answerable = !"error".equals(type) && !(kind.equals("iq") && "result".equals(type));
        return new MalformedStanza(kind, header.id(), type, header.to(), header.from(), answerable, error, size);
    }

    private @Nullable StanzaReceived presence(Payload payload, int size) {
        Presence.Type parsed = Presence.Type.parse(type);
        if (parsed == null) {
            fault(StanzaError.badRequest("no presence has this type"));
            return null;
        }
        return new StanzaReceived(Presence.of(header, parsed, payload), size);
    }

    private @Nullable StanzaReceived iq(Payload payload, int size) {
        Iq.Type parsed = Iq.Type.parse(type);
        if (parsed == null) {
            fault(StanzaError.badRequest("no iq has this type"));
            return null;
        }
        Iq iq = Iq.of(header, parsed, payload);
        if (header.id() == null) {
            fault(StanzaError.badRequest("an iq has an id"));
        } else if (iq.isRequest() && payload.count() != 1) {
            fault(StanzaError.badRequest("a request has exactly one child"));
        } else if (parsed == Iq.Type.RESULT && payload.count() > 1) {
            fault(StanzaError.badRequest("a result has at most one child"));
        }
        return new StanzaReceived(iq, size);
    }

    // ---- names and namespaces, where Aalto is more tolerant than XML (A5)

    private static void checkNames(AsyncXMLStreamReader<?> reader, DecoderLimits limits) throws ViolationException {
        checkName(reader.getLocalName(), limits);
        int attributes = reader.getAttributeCount();
        if (attributes > limits.attributes()) {
            throw new ViolationException(Condition.POLICY_VIOLATION, "too many attributes");
        }
        for (int i = 0; i < attributes; i++) {
            checkName(reader.getAttributeLocalName(i), limits);
        }
        int declarations = reader.getNamespaceCount();
        if (declarations > limits.declarations()) {
            throw new ViolationException(Condition.POLICY_VIOLATION, "too many namespace declarations");
        }
        for (int i = 0; i < declarations; i++) {
            checkDeclaration(reader.getNamespacePrefix(i), reader.getNamespaceURI(i), limits);
        }
    }

    private static void checkName(String local, DecoderLimits limits) throws ViolationException {
        if (!XmlText.isName(local)) {
            throw new ViolationException(Condition.NOT_WELL_FORMED, "no name of XML");
        }
        if (local.length() > limits.nameBytes() / 3 && utf8Length(local) > limits.nameBytes()) {
            throw new ViolationException(Condition.POLICY_VIOLATION, "name too long");
        }
    }

    private static void checkDeclaration(@Nullable String declared, @Nullable String namespace, DecoderLimits limits)
            throws ViolationException {
        String prefix = declared == null ? "" : declared;
        if (namespace == null || namespace.isEmpty()) {
            if (!prefix.isEmpty()) {
                throw new ViolationException(Condition.NOT_WELL_FORMED, "prefix without namespace");
            }
            return;
        }
        if (!prefix.isEmpty() && !XmlText.isName(prefix)
                || prefix.equals("xml") != namespace.equals(Ns.XML)
                || namespace.equals(XMLNS)) {
            throw new ViolationException(Condition.NOT_WELL_FORMED, "no declaration of a namespace");
        }
        // Each element that uses it repeats it in canonical form.
        if (namespace.length() > limits.namespaceBytes() / 3 && utf8Length(namespace) > limits.namespaceBytes()) {
            throw new ViolationException(Condition.POLICY_VIOLATION, "namespace too long");
        }
    }

    private static boolean isPlain(AsyncXMLStreamReader<?> reader, int attribute) {
        return namespaceOf(reader, attribute).isEmpty();
    }

    private static boolean isLang(AsyncXMLStreamReader<?> reader, int attribute) {
        return reader.getAttributeLocalName(attribute).equals("lang")
                && namespaceOf(reader, attribute).equals(Ns.XML);
    }

    private static String namespaceOf(AsyncXMLStreamReader<?> reader, int attribute) {
        String namespace = reader.getAttributeNamespace(attribute);
        return namespace == null ? "" : namespace;
    }

    private static int utf8Length(String text) {
        return io.netty.buffer.ByteBufUtil.utf8Bytes(text);
    }
}
