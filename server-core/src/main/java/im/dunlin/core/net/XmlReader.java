// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net;

import com.fasterxml.aalto.AsyncByteArrayFeeder;
import com.fasterxml.aalto.AsyncXMLStreamReader;
import com.fasterxml.aalto.async.AsyncByteArrayScanner;
import com.fasterxml.aalto.async.AsyncStreamReaderImpl;
import com.fasterxml.aalto.in.ReaderConfig;
import com.fasterxml.aalto.stax.InputFactoryImpl;
import im.dunlin.core.stream.StreamError.Condition;
import im.dunlin.core.xml.CanonicalWriter;
import io.netty.util.concurrent.FastThreadLocal;
import java.nio.charset.StandardCharsets;
import javax.xml.stream.XMLStreamException;

/**
 * One Aalto reader for one stream, made harmless.
 *
 * <p>The factories are one per event loop, warmed with the usual names so that most readers never need a
 * name table of their own. A reader is never closed nor told that its input ended, because either would
 * merge the names that a peer invented into the factory for good (threats-and-faults A7): it is dropped.
 */
final class XmlReader {
    private static final FastThreadLocal<InputFactoryImpl> FACTORY = new FastThreadLocal<>() {
        @Override
        protected InputFactoryImpl initialValue() throws XMLStreamException {
            return warmFactory();
        }
    };

    /** Gives access to what Aalto keeps to itself. */
    private static final class Scanner extends AsyncByteArrayScanner {
        Scanner(ReaderConfig config) {
            super(config);
        }

        int names() {
            return _symbols == null ? 0 : _symbols.size();
        }

        void dropTextBuffer() {
            _textBuilder.recycle(true);
        }
    }

    private final Scanner scanner;
    private final AsyncStreamReaderImpl<AsyncByteArrayFeeder> reader;
    private int namesAtStart;

    XmlReader() {
        this(FACTORY.get());
    }

    private XmlReader(InputFactoryImpl factory) {
        ReaderConfig config = factory.getNonSharedConfig(null, null, null, false, false);
        config.setActualEncoding("UTF-8");
        scanner = new Scanner(config);
        reader = new AsyncStreamReaderImpl<>(scanner);
    }

    /** One that has read this start tag, and counts no names of it. */
    static XmlReader behind(byte[] startTag) {
        XmlReader reader = new XmlReader();
        try {
            reader.feed(startTag, 0, startTag.length);
            while (reader.next() != AsyncXMLStreamReader.EVENT_INCOMPLETE) {
                // The document and its root begin.
            }
        } catch (ViolationException e) {
            throw new IllegalStateException("a start tag that was read before", e);
        }
        reader.markNames();
        return reader;
    }

    AsyncXMLStreamReader<AsyncByteArrayFeeder> events() {
        return reader;
    }

    /** The array must stay as it is until all events of it are taken. */
    void feed(byte[] bytes, int from, int to) throws ViolationException {
        try {
            scanner.feedInput(bytes, from, to - from);
        } catch (XMLStreamException e) {
            throw new ViolationException(Condition.NOT_WELL_FORMED, "input after an error");
        }
    }

    /** The next event; anything wrong, also a failure of the parser on hostile input, is the peer's fault. */
    int next() throws ViolationException {
        try {
            return reader.next();
        } catch (XMLStreamException | RuntimeException e) {
            throw new ViolationException(Condition.NOT_WELL_FORMED, "no well-formed XML");
        }
    }

    /** The text of this event; Aalto decodes it only now and may fail here (threats-and-faults A8). */
    void text(CanonicalWriter out) throws ViolationException {
        char[] chars;
        int start;
        int length;
        try {
            chars = reader.getTextCharacters();
            start = reader.getTextStart();
            length = reader.getTextLength();
        } catch (RuntimeException e) {
            throw new ViolationException(Condition.NOT_WELL_FORMED, "no well-formed XML");
        }
        out.text(chars, start, length);
    }

    /** As {@link #text}, for text that is not wanted but must be right. */
    void checkText() throws ViolationException {
        try {
            reader.getTextLength();
        } catch (RuntimeException e) {
            throw new ViolationException(Condition.NOT_WELL_FORMED, "no well-formed XML");
        }
    }

    /** The default namespace where the reader stands, empty without one. */
    String defaultNamespace() {
        String namespace = scanner.getNamespaceURI("");
        return namespace == null ? "" : namespace;
    }

    /** From here on {@link #inventedNames} counts. */
    void markNames() {
        namesAtStart = scanner.names();
    }

    /** Names this reader had to add to its table since the mark. */
    int inventedNames() {
        return scanner.names() - namesAtStart;
    }

    /** Gives back what is only needed inside text. */
    void becomeIdle() {
        scanner.dropTextBuffer();
    }

    private static InputFactoryImpl warmFactory() throws XMLStreamException {
        InputFactoryImpl factory = new InputFactoryImpl();
        XmlReader reader = new XmlReader(factory);
        byte[] stream = WARM_UP.getBytes(StandardCharsets.UTF_8);
        reader.scanner.feedInput(stream, 0, stream.length);
        while (reader.reader.next() != AsyncXMLStreamReader.EVENT_INCOMPLETE) {
            // Only the names count.
        }
        // The one reader that is closed: its names become everybody's.
        reader.reader.close();
        return factory;
    }

    /** The names of an ordinary stream. */
    private static final String WARM_UP = """
            <stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='' from='' \
            id='' version='1.0' xml:lang='en'><message type='' ><body/><subject/><thread parent=''/><active/>\
            <composing/><paused/><inactive/><gone/><markable/><received/><displayed/><request/><origin-id/>\
            <stanza-id by=''/><delay stamp=''/><encrypted/><header sid=''/><key rid='' prekey=''/><iv/><payload/>\
            <encryption name='' namespace=''/><replace/><retract/><reactions/><reaction/><reply/><fallback start='' \
            end='' for=''/><store/><no-store/><no-copy/><no-permanent-store/><private/><sent/><forwarded/><x/><url/>\
            <propose/><proceed/><accept/><reject/><finish/><ringing/><description media=''/><reason/></message>\
            <presence><show/><status/><priority/><c hash='' node='' ver=''/><photo/><nick/><idle since=''/></presence>\
            <iq><query queryid=''/><item jid='' subscription='' name='' ask=''/><group/><ping/><bind/><resource/>\
            <session/><identity category=''/><feature var=''/><error code=''/><pubsub/><publish/><items max_items=''/>\
            <vCard/><blocklist/><block/><unblock/><enable resume=''/><enabled max='' location=''/><resume h='' \
            previd=''/><resumed/><failed/><set/><max/><before/><after/><index/><count/><first/><last/><field label=''/>\
            <value/><prefs default=''/><always/><never/><fin complete='' stable=''/><result/><text/></iq><r/><a/>\
            <starttls/><auth mechanism=''/><response/><challenge/><success/><authenticate/><initial-response/>\
            <user-agent/><software/><device/><inline/><tag/><authorization-identifier/><fast/>\
            <request-token/><token/>""";
}
