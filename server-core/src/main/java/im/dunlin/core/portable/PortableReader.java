// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.portable;

import im.dunlin.core.xml.CanonicalWriter;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.xml.XMLConstants;
import javax.xml.stream.Location;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.jspecify.annotations.Nullable;

/**
 * Reads a file of XEP-0227 in one pass, with the files that it includes (§5). What it keeps is one piece.
 *
 * <p>A file may come from anybody: there are no document types and so no entities, what is included lies beside the file or below
 * it, and the size of everything is bounded.
 */
public final class PortableReader {
    /** Of one piece, such as an archived message or a vCard. */
    public static final int MAX_PIECE_BYTES = 2 << 20;

    /** What the parser may read before it tells of something: an attribute, for one. */
    private static final int MAX_TOKEN_BYTES = 2 * MAX_PIECE_BYTES;

    /** Levels of a piece; below what the canonical form allows. */
    private static final int MAX_DEPTH = 70;

    /** A file of hosts, files of users, and one more (§5.1). */
    private static final int MAX_INCLUDES = 3;

    private static final String XINCLUDE = "http://www.w3.org/2001/XInclude";
    private static final Name INCLUDE = Name.of(XINCLUDE, "include");

    private final Path root;
    private final AccountSink sink;
    private @Nullable String host;

    private PortableReader(Path root, AccountSink sink) {
        this.root = root;
        this.sink = sink;
    }

    /**
     * Gives all accounts of a file to the sink.
     *
     * @throws PortableException at the first place that is no XML, or not of the format; what came before has been given
     */
    public static void read(Path file, AccountSink sink) throws PortableException {
        Path absolute = file.toAbsolutePath().normalize();
        Path directory = absolute.getParent();
        if (directory == null) {
            throw new PortableException(Position.of(file.toString()), "is no file");
        }
        new PortableReader(directory, sink).document(absolute, file.toString(), Level.FILE, 0);
    }

    /** What an element stands in. */
    private enum Level {
        FILE,
        SERVER,
        HOST,
        USER
    }

    private void document(Path file, String shown, Level level, int includes) throws PortableException {
        Source source;
        try (InputStream bytes = Files.newInputStream(file);
                Guard guard = new Guard(new BufferedInputStream(bytes))) {
            source = new Source(shown, guard, file.getParent(), includes);
            source.toRoot();
            element(source, level);
            source.toEnd();
        } catch (IOException e) {
            throw new PortableException(Position.of(shown), "cannot be read (" + e.getMessage() + ")");
        }
    }

    // ---- the levels above an account
    // ---------------------------------------------------------------------------------

    /** An element whose start tag has been read, up to its end tag. */
    private void element(Source source, Level level) throws PortableException {
        Name name = source.name();
        if (level != Level.FILE && name.equals(INCLUDE)) {
            include(source, level);
        } else if (level == Level.FILE && name.equals(Format.SERVER)) {
            children(source, Level.SERVER);
        } else if (level == Level.SERVER && name.equals(Format.HOST)) {
            String outer = host;
            host = source.requireAttribute("jid");
            children(source, Level.HOST);
            host = outer;
        } else if (level == Level.HOST && name.equals(Format.USER)) {
            user(source);
        } else if (level == Level.USER) {
            piece(source, new ArrayList<>(2));
        } else if (level == Level.FILE) {
            throw source.wrong("<" + name.local() + "> (expected: server-data of " + Format.NS + ")");
        } else {
            sink.unknown(source.position(), name);
            source.skip();
        }
    }

    private void children(Source source, Level level) throws PortableException {
        while (source.toChild()) {
            element(source, level);
        }
    }

    private void user(Source source) throws PortableException {
        String domain = host;
        if (domain == null) {
            throw source.wrong("a user without a host");
        }
        String name = source.requireAttribute("name");
        sink.begin(source.position(), domain, name, source.attribute("password"));
        children(source, Level.USER);
        sink.end();
    }

    private void include(Source source, Level level) throws PortableException {
        String href = source.requireAttribute("href");
        if (source.attribute("parse") != null || source.attribute("xpointer") != null) {
            throw source.wrong("an include with parse or xpointer");
        }
        if (source.includes == MAX_INCLUDES) {
            throw source.wrong("more than " + MAX_INCLUDES + " includes in each other");
        }
        Path file;
        try {
            Path beside = source.directory == null ? root : source.directory;
            file = beside.resolve(decoded(href)).normalize();
            if (!file.startsWith(root) || !file.toRealPath().startsWith(root.toRealPath())) {
                throw source.wrong("include of " + href + " (expected: a file beside this one, or below)");
            }
        } catch (IllegalArgumentException e) {
            throw source.wrong("include of " + href + " (expected: a relative address of a file)");
        } catch (IOException e) {
            throw source.wrong("include of " + href + ": there is no such file");
        }
        source.skip();
        document(file, root.relativize(file).toString(), level, source.includes + 1);
    }

    /** The path in a relative URI. */
    private static String decoded(String href) {
        java.net.URI uri = java.net.URI.create(href);
        String path = uri.getPath();
        if (uri.isAbsolute() || path == null || uri.getRawAuthority() != null) {
            throw new IllegalArgumentException(href);
        }
        return path;
    }

    // ---- an account
    // --------------------------------------------------------------------------------------------------

    /** @param around the containers that the element stands in, from the outermost on */
    private void piece(Source source, List<Element> around) throws PortableException {
        if (!Format.isContainer(source.name(), around.size())) {
            Position at = source.position();
            Element whole = source.whole();
            for (int i = around.size() - 1; i >= 0; i--) {
                whole = around.get(i).child(whole);
            }
            sink.piece(at, whole);
            return;
        }
        around.add(source.empty());
        while (source.toChild()) {
            piece(source, around);
        }
        around.remove(around.size() - 1);
    }

    // ---- the parser
    // --------------------------------------------------------------------------------------------------

    /** One file, and where in it the parser stands. */
    private static final class Source {
        private final String file;
        private final Guard guard;
        private final @Nullable Path directory;
        private final int includes;
        private final XMLStreamReader xml;

        Source(String file, Guard guard, @Nullable Path directory, int includes) throws PortableException {
            this.file = file;
            this.guard = guard;
            this.directory = directory;
            this.includes = includes;
            // The platform's own, whatever else is on the class path.
            XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
            factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
            factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
            factory.setProperty(XMLInputFactory.IS_REPLACING_ENTITY_REFERENCES, false);
            factory.setProperty(XMLConstants.ACCESS_EXTERNAL_DTD, "");
            try {
                xml = factory.createXMLStreamReader(guard);
            } catch (XMLStreamException e) {
                throw failed(e);
            }
        }

        Position position() {
            Location location = xml.getLocation();
            return new Position(file, location.getLineNumber(), location.getColumnNumber());
        }

        PortableException wrong(String what) {
            return new PortableException(position(), what);
        }

        private PortableException failed(XMLStreamException e) {
            Location at = e.getLocation();
            Position position =
                    at == null ? Position.of(file) : new Position(file, at.getLineNumber(), at.getColumnNumber());
            if (guard.isExceeded()) {
                return new PortableException(position, "more than " + MAX_TOKEN_BYTES + " bytes in one piece");
            }
            if (e.getNestedException() instanceof IOException unread) {
                return new PortableException(position, "cannot be read (" + unread.getMessage() + ")");
            }
            String message = String.valueOf(e.getMessage());
            int detail = message.indexOf("Message: ");
            return new PortableException(
                    position, "not well-formed (" + (detail < 0 ? message : message.substring(detail + 9)) + ")");
        }

        /** The next event that may stand in such a file. */
        private int next() throws PortableException {
            guard.progress();
            try {
                int event = xml.next();
                if (event == XMLStreamConstants.DTD || event == XMLStreamConstants.ENTITY_REFERENCE) {
                    throw wrong("a document type or an entity of its own (expected: none)");
                }
                return event;
            } catch (XMLStreamException e) {
                throw failed(e);
            }
        }

        void toRoot() throws PortableException {
            while (next() != XMLStreamConstants.START_ELEMENT) {
                // Comments and instructions.
            }
        }

        void toEnd() throws PortableException {
            while (next() != XMLStreamConstants.END_DOCUMENT) {
                // Comments and instructions.
            }
        }

        /** To the start tag of the next child. @return false if the end tag of the parent came */
        boolean toChild() throws PortableException {
            while (true) {
                int event = next();
                if (event == XMLStreamConstants.START_ELEMENT) {
                    return true;
                }
                if (event == XMLStreamConstants.END_ELEMENT) {
                    return false;
                }
                if (event == XMLStreamConstants.CHARACTERS && !xml.isWhiteSpace()) {
                    throw wrong("text (expected: elements)");
                }
            }
        }

        Name name() {
            return Name.of(namespace(xml.getNamespaceURI()), xml.getLocalName());
        }

        private static String namespace(@Nullable String uri) {
            return uri == null ? "" : uri;
        }

        @Nullable
        String attribute(String name) {
            return xml.getAttributeValue("", name);
        }

        String requireAttribute(String name) throws PortableException {
            String value = attribute(name);
            if (value == null || value.isEmpty()) {
                throw wrong("<" + xml.getLocalName() + "> needs the attribute " + name);
            }
            return value;
        }

        void skip() throws PortableException {
            for (int depth = 1; depth > 0; ) {
                int event = next();
                depth += event == XMLStreamConstants.START_ELEMENT ? 1 : 0;
                depth -= event == XMLStreamConstants.END_ELEMENT ? 1 : 0;
            }
        }

        /** The start tag, as an element without content. */
        Element empty() throws PortableException {
            CanonicalWriter writer = new CanonicalWriter();
            return parsed(() -> {
                start(writer);
                writer.end();
                return writer;
            });
        }

        /** The element up to its end tag. */
        Element whole() throws PortableException {
            CanonicalWriter writer = new CanonicalWriter();
            return parsed(() -> {
                start(writer);
                while (writer.depth() > 0) {
                    switch (next()) {
                        case XMLStreamConstants.START_ELEMENT -> start(writer);
                        case XMLStreamConstants.END_ELEMENT -> writer.end();
                        case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA, XMLStreamConstants.SPACE ->
                            writer.text(xml.getTextCharacters(), xml.getTextStart(), xml.getTextLength());
                        default -> {}
                    }
                    if (writer.size() > MAX_PIECE_BYTES) {
                        throw wrong("a piece of more than " + MAX_PIECE_BYTES + " bytes");
                    }
                }
                return writer;
            });
        }

        private interface Writing {
            CanonicalWriter run() throws PortableException;
        }

        private Element parsed(Writing writing) throws PortableException {
            try {
                return Element.parse(writing.run().toByteArray());
            } catch (IllegalArgumentException e) {
                throw wrong("what a stanza cannot have: " + e.getMessage());
            }
        }

        private void start(CanonicalWriter writer) throws PortableException {
            if (writer.depth() == MAX_DEPTH) {
                throw wrong("more than " + MAX_DEPTH + " levels");
            }
            writer.start(namespace(xml.getNamespaceURI()), xml.getLocalName());
            for (int i = 0; i < xml.getAttributeCount(); i++) {
                String namespace = namespace(xml.getAttributeNamespace(i));
                String prefix = namespace.isEmpty() ? "" : namespace.equals(Ns.XML) ? "xml" : xml.getAttributePrefix(i);
                writer.attr(prefix, namespace, xml.getAttributeLocalName(i), xml.getAttributeValue(i));
            }
        }
    }

    /** Ends the reading of what never ends. */
    private static final class Guard extends FilterInputStream {
        private long read;

        Guard(InputStream in) {
            super(in);
        }

        /** The parser has told of something: what it reads for the next counts anew. */
        void progress() {
            read = 0;
        }

        boolean isExceeded() {
            return read > MAX_TOKEN_BYTES;
        }

        private int counted(int count) throws IOException {
            read += Math.max(0, count);
            if (isExceeded()) {
                throw new IOException("too much");
            }
            return count;
        }

        @Override
        public int read() throws IOException {
            int octet = super.read();
            counted(octet < 0 ? 0 : 1);
            return octet;
        }

        @Override
        public int read(byte[] to, int offset, int length) throws IOException {
            return counted(super.read(to, offset, length));
        }
    }
}
