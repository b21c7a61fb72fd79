// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.xml;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Writes elements in canonical form, and keeps the table of contents of those at the top.
 *
 * <p>The only serializer of the server. It escapes so that a reader gets exactly what was written, and
 * refuses by {@link IllegalArgumentException} what XML cannot carry (control characters, lone
 * surrogates, U+FFFE, U+FFFF): peers' text was checked when it was read, so that is a bug. Reusable,
 * not thread-safe.
 */
public final class CanonicalWriter {
    private static final int FIRST_CAPACITY = 256;

    /** No XML character. */
    private static final String REFUSED = "";

    /** What stands for an ASCII character in text and in attributes; null: itself. */
    private static final @Nullable String[] IN_TEXT = new @Nullable String[128];

    private static final @Nullable String[] IN_ATTRIBUTE = new @Nullable String[128];

    static {
        for (int c = 0; c < ' '; c++) {
            IN_TEXT[c] = REFUSED;
            IN_ATTRIBUTE[c] = REFUSED;
        }
        IN_TEXT['\t'] = null;
        IN_TEXT['\n'] = null;
        IN_TEXT['\r'] = "&#13;";
        IN_TEXT['&'] = "&amp;";
        IN_TEXT['<'] = "&lt;";
        IN_TEXT['>'] = "&gt;";
        IN_ATTRIBUTE['\t'] = "&#9;";
        IN_ATTRIBUTE['\n'] = "&#10;";
        IN_ATTRIBUTE['\r'] = "&#13;";
        IN_ATTRIBUTE['&'] = "&amp;";
        IN_ATTRIBUTE['<'] = "&lt;";
        IN_ATTRIBUTE['>'] = "&gt;";
        IN_ATTRIBUTE['\''] = "&apos;";
    }

    private byte[] bytes = new byte[FIRST_CAPACITY];
    private int size;

    /** The elements that are open, and the namespace outside them at index 0. */
    private String[] namespaces = new String[8];

    private String[] locals = new String[8];
    private int depth;

    private boolean tagOpen;
    private String[] declared = new String[4];
    private int declaredCount;
    private char pendingHigh;

    private Name[] names = new Name[4];
    private int[] ends = new int[4];
    private int count;

    /** Writes elements that stand where {@code jabber:client} is the namespace, as payloads do. */
    public CanonicalWriter() {
        this(Ns.CLIENT);
    }

    /** Writes elements that stand where the given namespace, maybe none (empty), is the default. */
    public CanonicalWriter(String around) {
        namespaces[0] = around;
    }

    /** Another writer that stands where this one stands, with no more capacity than it needs. */
    public CanonicalWriter copy() {
        CanonicalWriter copy = new CanonicalWriter(namespaces[0]);
        copy.bytes = Arrays.copyOf(bytes, Math.max(size, FIRST_CAPACITY));
        copy.size = size;
        copy.namespaces = Arrays.copyOf(namespaces, Math.max(depth + 1, 8));
        copy.locals = Arrays.copyOf(locals, Math.max(depth + 1, 8));
        copy.depth = depth;
        copy.tagOpen = tagOpen;
        copy.pendingHigh = pendingHigh;
        copy.names = Arrays.copyOf(names, Math.max(count + 1, 4));
        copy.ends = Arrays.copyOf(ends, copy.names.length);
        copy.count = count;
        return copy;
    }

    /** Forgets everything but the capacity. */
    public CanonicalWriter reset() {
        size = 0;
        depth = 0;
        tagOpen = false;
        pendingHigh = 0;
        count = 0;
        return this;
    }

    /** Bytes written so far. */
    public int size() {
        return size;
    }

    /** Elements that are open. */
    public int depth() {
        return depth;
    }

    public CanonicalWriter start(Name name) {
        return start(name.namespace(), name.local());
    }

    /** Opens an element; its namespace is declared if it differs from the one around it. */
    public CanonicalWriter start(String namespace, String local) {
        closeTag();
        if (depth == 0) {
            if (count == names.length) {
                names = Arrays.copyOf(names, count * 2);
                ends = Arrays.copyOf(ends, count * 2);
            }
            names[count] = Name.of(namespace, local);
        }
        write('<');
        ascii7(local);
        if (!namespace.equals(namespaces[depth])) {
            ascii7(" xmlns='");
            escaped(namespace, IN_ATTRIBUTE);
            write('\'');
        }
        depth++;
        if (depth == namespaces.length) {
            namespaces = Arrays.copyOf(namespaces, depth * 2);
            locals = Arrays.copyOf(locals, depth * 2);
        }
        namespaces[depth] = namespace;
        locals[depth] = local;
        tagOpen = true;
        declaredCount = 0;
        return this;
    }

    /** An attribute without namespace. */
    public CanonicalWriter attr(String local, String value) {
        return attr("", "", local, value);
    }

    /** As {@link #attr(String, String)}, and nothing if there is no value. */
    public CanonicalWriter attrIfPresent(String local, @Nullable String value) {
        return value == null ? this : attr(local, value);
    }

    /** An attribute of the element just opened; its prefix is declared there, except {@code xml}. */
    public CanonicalWriter attr(String prefix, String namespace, String local, String value) {
        if (!tagOpen) {
            throw new IllegalStateException("attribute outside a start tag");
        }
        if (!prefix.isEmpty()) {
            declare(prefix, namespace);
        }
        write(' ');
        if (!prefix.isEmpty()) {
            ascii7(prefix);
            write(':');
        }
        ascii7(local);
        write('=');
        write('\'');
        escaped(value, IN_ATTRIBUTE);
        write('\'');
        return this;
    }

    private void declare(String prefix, String namespace) {
        if (prefix.equals("xml")) {
            return;
        }
        for (int i = 0; i < declaredCount; i += 2) {
            if (declared[i].equals(prefix)) {
                if (!declared[i + 1].equals(namespace)) {
                    throw new IllegalArgumentException("prefix " + prefix + " stands for two namespaces");
                }
                return;
            }
        }
        if (declaredCount == declared.length) {
            declared = Arrays.copyOf(declared, declaredCount * 2);
        }
        declared[declaredCount++] = prefix;
        declared[declaredCount++] = namespace;
        ascii7(" xmlns:");
        ascii7(prefix);
        write('=');
        write('\'');
        escaped(namespace, IN_ATTRIBUTE);
        write('\'');
    }

    /** Character data; may come in pieces, also cut inside a surrogate pair. */
    public CanonicalWriter text(CharSequence text) {
        if (!text.isEmpty()) {
            closeTagBeforeText();
            escaped(text, IN_TEXT);
        }
        return this;
    }

    /** As {@link #text(CharSequence)}, from a parser's buffer. */
    public CanonicalWriter text(char[] chars, int offset, int length) {
        if (length > 0) {
            closeTagBeforeText();
            escaped(chars, offset, length);
        }
        return this;
    }

    /** Closes the innermost open element. */
    public CanonicalWriter end() {
        if (depth == 0) {
            throw new IllegalStateException("no element is open");
        }
        noPendingSurrogate();
        if (tagOpen) {
            write('/');
            tagOpen = false;
        } else {
            write('<');
            write('/');
            ascii7(locals[depth]);
        }
        write('>');
        depth--;
        if (depth == 0) {
            ends[count++] = size;
        }
        return this;
    }

    /** Stanzas inside an open element, written elsewhere; each declares {@code jabber:client}. */
    CanonicalWriter fragment(Fragment fragment) {
        if (depth == 0 || namespaces[depth].equals(Ns.CLIENT)) {
            throw new IllegalStateException("a fragment needs an element of another namespace around it");
        }
        closeTag();
        append(fragment.xml(), 0, fragment.xml().length);
        return this;
    }

    /** The children of a payload, as they are; only where {@code jabber:client} is the namespace around. */
    public CanonicalWriter payload(Payload payload) {
        if (payload.isEmpty()) {
            return this;
        }
        if (!namespaces[depth].equals(Ns.CLIENT)) {
            throw new IllegalStateException("a payload belongs into jabber:client");
        }
        closeTag();
        if (depth == 0) {
            for (int i = 0; i < payload.count(); i++) {
                if (count == names.length) {
                    names = Arrays.copyOf(names, count * 2);
                    ends = Arrays.copyOf(ends, count * 2);
                }
                names[count] = payload.name(i);
                ends[count++] = size + payload.end(i);
            }
        }
        append(payload.bytes(), 0, payload.bytes().length);
        return this;
    }

    /** What was written, as a payload. Every element must be closed. */
    public Payload toPayload() {
        if (depth != 0) {
            throw new IllegalStateException("an element is still open");
        }
        return count == 0
                ? Payload.EMPTY
                : new Payload(toByteArray(), Arrays.copyOf(names, count), Arrays.copyOf(ends, count));
    }

    /** What was written, as a fragment that may stand inside any element. */
    public byte[] toByteArray() {
        return Arrays.copyOf(bytes, size);
    }

    /** The array that is written to: valid up to {@link #size()}, until the next call. */
    public byte[] array() {
        return bytes;
    }

    private void closeTag() {
        noPendingSurrogate();
        if (tagOpen) {
            write('>');
            tagOpen = false;
        }
    }

    private void closeTagBeforeText() {
        if (depth == 0) {
            throw new IllegalStateException("text outside an element");
        }
        if (tagOpen) {
            write('>');
            tagOpen = false;
        }
    }

    private void noPendingSurrogate() {
        if (pendingHigh != 0) {
            throw new IllegalArgumentException("lone surrogate");
        }
    }

    private void escaped(CharSequence text, @Nullable String[] escapes) {
        int length = text.length();
        int i = 0;
        while (i < length) {
            ensure(length - i);
            // Nearly all text goes through this loop only.
            byte[] to = bytes;
            int at = size;
            while (i < length && pendingHigh == 0 && isPlain(text.charAt(i), escapes)) {
                to[at++] = (byte) text.charAt(i++);
            }
            size = at;
            if (i < length) {
                escaped(text.charAt(i++), escapes);
            }
        }
        if (escapes == IN_ATTRIBUTE) {
            noPendingSurrogate();
        }
    }

    private void escaped(char[] chars, int offset, int length) {
        int i = offset;
        int end = offset + length;
        while (i < end) {
            ensure(end - i);
            byte[] to = bytes;
            int at = size;
            while (i < end && pendingHigh == 0 && isPlain(chars[i], IN_TEXT)) {
                to[at++] = (byte) chars[i++];
            }
            size = at;
            if (i < end) {
                escaped(chars[i++], IN_TEXT);
            }
        }
    }

    private static boolean isPlain(char c, @Nullable String[] escapes) {
        return c < 0x80 && escapes[c] == null;
    }

    private void escaped(char c, @Nullable String[] escapes) {
        String escape = c < 0x80 && pendingHigh == 0 ? escapes[c] : null;
        if (escape == null) {
            wide(c);
        } else if (escape.equals(REFUSED)) {
            throw new IllegalArgumentException("not an XML character: U+" + Integer.toHexString(c));
        } else {
            ascii7(escape);
        }
    }

    private void wide(char c) {
        ensure(4);
        if (pendingHigh != 0) {
            if (!Character.isLowSurrogate(c)) {
                throw new IllegalArgumentException("lone surrogate");
            }
            int codePoint = Character.toCodePoint(pendingHigh, c);
            pendingHigh = 0;
            bytes[size++] = (byte) (0xF0 | codePoint >> 18);
            bytes[size++] = (byte) (0x80 | codePoint >> 12 & 0x3F);
            bytes[size++] = (byte) (0x80 | codePoint >> 6 & 0x3F);
            bytes[size++] = (byte) (0x80 | codePoint & 0x3F);
        } else if (c < 0x800) {
            bytes[size++] = (byte) (0xC0 | c >> 6);
            bytes[size++] = (byte) (0x80 | c & 0x3F);
        } else if (Character.isHighSurrogate(c)) {
            pendingHigh = c;
        } else if (Character.isLowSurrogate(c) || c >= 0xFFFE) {
            throw new IllegalArgumentException("not an XML character: U+" + Integer.toHexString(c));
        } else {
            bytes[size++] = (byte) (0xE0 | c >> 12);
            bytes[size++] = (byte) (0x80 | c >> 6 & 0x3F);
            bytes[size++] = (byte) (0x80 | c & 0x3F);
        }
    }

    /** A name or markup: mostly ASCII, and free of anything to escape. */
    private void ascii7(String text) {
        ensure(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < 0x80) {
                bytes[size++] = (byte) c;
            } else {
                wide(c);
                ensure(text.length() - i);
            }
        }
    }

    private void write(char c) {
        ensure(1);
        bytes[size++] = (byte) c;
    }

    private void append(byte[] source, int offset, int length) {
        ensure(length);
        System.arraycopy(source, offset, bytes, size, length);
        size += length;
    }

    private void ensure(int more) {
        if (bytes.length - size < more) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + more));
        }
    }
}
