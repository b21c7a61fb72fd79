// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.xml;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Reads canonical bytes, and only those: what it accepts, {@link CanonicalWriter} writes again byte for
 * byte. Anything else is a {@link CanonicalFormException}. Depth and attributes are bounded, and it does
 * not recurse.
 */
public final class CanonicalReader {
    /** The 64 levels a peer may send, and room for what the server wraps around them. */
    public static final int MAX_DEPTH = 80;

    private final byte[] xml;
    private final int limit;
    private final String context;
    private int at;

    /** Reads elements that stand where {@code jabber:client} is the namespace. */
    public CanonicalReader(byte[] xml) {
        this(xml, 0, xml.length, Ns.CLIENT);
    }

    CanonicalReader(byte[] xml, int from, int limit, String context) {
        this.xml = xml;
        this.at = from;
        this.limit = limit;
        this.context = context;
    }

    /** The one element that the bytes are. */
    public Element element() {
        throw new CanonicalFormException("x" + context + limit + at + MAX_DEPTH + StandardCharsets.UTF_8);
    }

    /** All elements that the bytes are; none for no bytes. */
    public List<Element> elements() {
        return new ArrayList<>(Arrays.asList(element()));
    }

    /** The table of contents over these bytes. */
    Payload contents() {
        return new Payload(xml, new Name[0], new int[0]);
    }
}
