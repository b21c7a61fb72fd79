// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.portable;

import im.dunlin.core.xml.Attribute;
import im.dunlin.core.xml.Element;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Writes accounts as they come, piece by piece: what it keeps is the elements that are open. For one thread. */
public final class PortableWriter {
    private static final String DECLARATION = "<?xml version='1.0' encoding='UTF-8'?>\n";

    private final OutputStream out;
    private final List<Element> open = new ArrayList<>(4);

    /** @param out buffered by the caller, who closes it */
    public PortableWriter(OutputStream out) {
        this.out = out;
    }

    /** The beginning of a file. */
    public void begin() throws IOException {
        out.write(DECLARATION.getBytes(StandardCharsets.UTF_8));
        out.write(Format.startTag(Element.of(Format.SERVER), ""));
    }

    public void beginHost(String domain) throws IOException {
        out.write(Format.startTag(Element.of(Format.HOST).attr("jid", domain), Format.NS));
    }

    public void endHost() throws IOException {
        out.write(Format.endTag(Format.HOST));
    }

    public void end() throws IOException {
        out.write(Format.endTag(Format.SERVER));
    }

    public void beginUser(String name) throws IOException {
        out.write(Format.startTag(Element.of(Format.USER).attr("name", name), Format.NS));
    }

    public void endUser() throws IOException {
        closeTo(0);
        out.write(Format.endTag(Format.USER));
    }

    /** A child of the user, or a piece of one: it goes on with the element that the piece before was of. */
    public void piece(Element piece) throws IOException {
        write(piece, 0);
    }

    private void write(Element element, int depth) throws IOException {
        if (!Format.isContainer(element.name(), depth)) {
            closeTo(depth);
            out.write(Format.bytes(element, namespace()));
            out.write('\n');
            return;
        }
        Element start = start(element);
        if (open.size() <= depth || !open.get(depth).equals(start)) {
            closeTo(depth);
            out.write(Format.startTag(start, namespace()));
            open.add(start);
        }
        for (Element child : element.children()) {
            write(child, depth + 1);
        }
    }

    private String namespace() {
        return open.isEmpty() ? Format.NS : open.get(open.size() - 1).name().namespace();
    }

    private static Element start(Element element) {
        Element start = Element.of(element.name());
        for (Attribute attribute : element.attributes()) {
            if (attribute.name().namespace().isEmpty()) {
                start = start.attr(attribute.name().local(), attribute.value());
            }
        }
        return start;
    }

    private void closeTo(int depth) throws IOException {
        while (open.size() > depth) {
            out.write(Format.endTag(open.remove(open.size() - 1).name()));
        }
    }
}
