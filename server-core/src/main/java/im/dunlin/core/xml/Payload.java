// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.xml;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The children of a stanza: canonical UTF-8, and where each child begins and ends.
 *
 * <p>Immutable and shared freely: the same bytes are archived, copied to sessions and sent to other
 * servers. A child becomes an {@link Element} only when somebody opens it.
 */
public final class Payload {
    public static final Payload EMPTY = new Payload(new byte[0], new Name[0], new int[0]);

    private final byte[] xml;
    private final Name[] names;
    private final int[] ends;

    /** The arrays are owned by the payload from here on. */
    Payload(byte[] xml, Name[] names, int[] ends) {
        this.xml = xml;
        this.names = names;
        this.ends = ends;
    }

    public static Payload of(Element... children) {
        return of(Arrays.asList(children));
    }

    public static Payload of(List<Element> children) {
        if (children.isEmpty()) {
            return EMPTY;
        }
        CanonicalWriter writer = new CanonicalWriter();
        children.forEach(child -> child.writeTo(writer));
        return writer.toPayload();
    }

    /**
     * Canonical bytes as {@link #bytes()} gave them, from storage.
     *
     * @throws CanonicalFormException if they are anything else
     */
    public static Payload parse(byte[] canonical) {
        return canonical.length == 0 ? EMPTY : new CanonicalReader(canonical).contents();
    }

    public boolean isEmpty() {
        return names.length == 0;
    }

    /** How many children there are. */
    public int count() {
        return names.length;
    }

    /** Bytes of all children together. */
    public int size() {
        return xml.length;
    }

    /** The names of the children, in their order, with repetitions. */
    public List<Name> names() {
        return Collections.unmodifiableList(Arrays.asList(names));
    }

    Name name(int child) {
        return names[child];
    }

    int end(int child) {
        return ends[child];
    }

    /** Reads the table of contents only. */
    public boolean has(Name child) {
        return indexOf(child, 0) >= 0;
    }

    /** Opens the first child of that name. */
    public @Nullable Element first(Name child) {
        int index = indexOf(child, 0);
        return index < 0 ? null : open(index);
    }

    /** Opens every child of that name. */
    public List<Element> all(Name child) {
        int first = indexOf(child, 0);
        if (first < 0) {
            return List.of();
        }
        List<Element> found = new ArrayList<>();
        for (int i = first; i >= 0; i = indexOf(child, i + 1)) {
            found.add(open(i));
        }
        return found;
    }

    /** Opens everything. */
    public List<Element> children() {
        List<Element> all = new ArrayList<>(names.length);
        for (int i = 0; i < names.length; i++) {
            all.add(open(i));
        }
        return all;
    }

    /** The text of the first child of that name, null without such a child. */
    public @Nullable String text(Name child) {
        Element element = first(child);
        return element == null ? null : element.text();
    }

    /** These children and one more; copies bytes, opens nothing. */
    public Payload with(Element child) {
        CanonicalWriter writer = new CanonicalWriter();
        writer.payload(this);
        child.writeTo(writer);
        return writer.toPayload();
    }

    /** The children whose names do not match; opens nothing, and is this payload if none matches. */
    public Payload without(Predicate<Name> which) {
        return keep(i -> !which.test(names[i]));
    }

    /** The children but those of that name which match; opens only these. */
    public Payload without(Name name, Predicate<Element> which) {
        return keep(i -> !names[i].equals(name) || !which.test(open(i)));
    }

    private interface Keep {
        boolean test(int child);
    }

    private Payload keep(Keep keep) {
        boolean[] kept = new boolean[names.length];
        int children = 0;
        int size = 0;
        for (int i = 0; i < names.length; i++) {
            kept[i] = keep.test(i);
            if (kept[i]) {
                children++;
                size += ends[i] - begin(i);
            }
        }
        if (children == names.length) {
            return this;
        }
        if (children == 0) {
            return EMPTY;
        }
        byte[] keptXml = new byte[size];
        Name[] keptNames = new Name[children];
        int[] keptEnds = new int[children];
        int at = 0;
        int child = 0;
        for (int i = 0; i < names.length; i++) {
            if (kept[i]) {
                int length = ends[i] - begin(i);
                System.arraycopy(xml, begin(i), keptXml, at, length);
                at += length;
                keptNames[child] = names[i];
                keptEnds[child++] = at;
            }
        }
        return new Payload(keptXml, keptNames, keptEnds);
    }

    private int begin(int child) {
        return child == 0 ? 0 : ends[child - 1];
    }

    private int indexOf(Name child, int from) {
        for (int i = from; i < names.length; i++) {
            if (names[i].equals(child)) {
                return i;
            }
        }
        return -1;
    }

    private Element open(int child) {
        return new CanonicalReader(xml, begin(child), ends[child], Ns.CLIENT).element();
    }

    /** The bytes themselves, shared and never to be changed. */
    public byte[] bytes() {
        return xml;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other || other instanceof Payload payload && Arrays.equals(xml, payload.xml);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(xml);
    }

    /** The names only: a payload must not get into a log by accident. */
    @Override
    public String toString() {
        return "Payload" + Arrays.toString(names) + "(" + xml.length + " bytes)";
    }
}
