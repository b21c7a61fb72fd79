// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks.load.client;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * One top-level element as it came, or a stream header. It is searched, not parsed: words are ASCII, attributes are found by
 * name and quote. The bytes belong to the connection and are good during the call only that got them.
 */
public final class Received {
    private final byte[] bytes;
    private final int begin;
    private final int end;

    Received(byte[] bytes, int begin, int end) {
        this.bytes = bytes;
        this.begin = begin;
        this.end = end;
    }

    /** An element of its own, for tests and for what is kept longer than the call. */
    public static Received of(String xml) {
        byte[] bytes = xml.getBytes(StandardCharsets.UTF_8);
        return new Received(bytes, 0, bytes.length);
    }

    public int length() {
        return end - begin;
    }

    /** Whether the element has this name, prefix included. */
    public boolean is(String name) {
        int after = begin + 1 + name.length();
        if (after >= end || !matches(name, begin + 1)) {
            return false;
        }
        byte next = bytes[after];
        return next == ' ' || next == '>' || next == '/' || next == '\n' || next == '\t' || next == '\r';
    }

    public boolean has(String word) {
        return find(word, 0) >= 0;
    }

    /** How often the word occurs. */
    public int count(String word) {
        int found = 0;
        for (int at = find(word, 0); at >= 0; at = find(word, at + word.length())) {
            found++;
        }
        return found;
    }

    /** Where the word occurs at or after {@code from}, counted from the element's begin; -1 if nowhere. */
    public int find(String word, int from) {
        byte first = (byte) word.charAt(0);
        int last = end - word.length();
        for (int i = begin + from; i <= last; i++) {
            if (bytes[i] == first && matches(word, i)) {
                return i - begin;
            }
        }
        return -1;
    }

    /** The value of an attribute of the element itself, entities not resolved; null without it. */
    public @Nullable String attribute(String name) {
        return attributeAfter(0, name);
    }

    /** The value of an attribute of the tag that begins at or before this place; null without it. */
    public @Nullable String attributeAfter(int from, String name) {
        int close = find(">", from);
        int at = find(" " + name + "=", from);
        if (at < 0 || at > close) {
            return null;
        }
        int value = at + name.length() + 3;
        String quote = String.valueOf((char) bytes[begin + value - 1]);
        int stop = find(quote, value);
        return stop < 0 ? null : text(value, stop);
    }

    /** The text between the first {@code left} at or after {@code from} and the next {@code right}; null without them. */
    public @Nullable String between(String left, String right, int from) {
        int at = find(left, from);
        if (at < 0) {
            return null;
        }
        int stop = find(right, at + left.length());
        return stop < 0 ? null : text(at + left.length(), stop);
    }

    public @Nullable String between(String left, String right) {
        return between(left, right, 0);
    }

    private String text(int from, int to) {
        return new String(bytes, begin + from, to - from, StandardCharsets.UTF_8);
    }

    private boolean matches(String word, int at) {
        for (int i = 0; i < word.length(); i++) {
            if (bytes[at + i] != word.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    @Override
    public String toString() {
        return text(0, length());
    }
}
