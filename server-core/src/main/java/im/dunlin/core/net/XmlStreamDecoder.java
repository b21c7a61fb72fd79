// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net;

import static com.fasterxml.aalto.AsyncXMLStreamReader.EVENT_INCOMPLETE;
import static javax.xml.stream.XMLStreamConstants.CDATA;
import static javax.xml.stream.XMLStreamConstants.CHARACTERS;
import static javax.xml.stream.XMLStreamConstants.END_ELEMENT;
import static javax.xml.stream.XMLStreamConstants.SPACE;
import static javax.xml.stream.XMLStreamConstants.START_DOCUMENT;
import static javax.xml.stream.XMLStreamConstants.START_ELEMENT;

import com.fasterxml.aalto.AsyncXMLStreamReader;
import im.dunlin.core.net.StreamEvent.BodyOpened;
import im.dunlin.core.net.StreamEvent.StreamClosed;
import im.dunlin.core.net.StreamEvent.StreamOpened;
import im.dunlin.core.net.StreamEvent.StreamViolation;
import im.dunlin.core.stream.StreamError;
import im.dunlin.core.stream.StreamError.Condition;
import im.dunlin.core.xml.CanonicalWriter;
import im.dunlin.core.xml.Ns;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.util.concurrent.FastThreadLocal;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Turns a peer's bytes into {@link StreamEvent}s for the next handler.
 *
 * <p>In this order: whole characters only ({@link Utf8Gate}), no byte before the stream but an XML
 * declaration ({@link Prolog}), sizes and forbidden markup ({@link StartTagGuard}), parsing
 * ({@link XmlReader}), and events ({@link StanzaAssembler}). The parser is fed up to the end of one
 * top-level element at a time, so between elements it holds nothing of what follows, and a stream can stop
 * or start anew there. However the bytes are cut, the same events come out.
 *
 * <p>Confined to the event loop of its channel. The next handler is called within the read that completed
 * the event and may call {@link #pause}, {@link #resume}, {@link #restart} and {@link #limits} there or
 * later. An idle stream holds its reader and little else: bytes are read into an array of the event loop,
 * and only what is unfinished when a read ends is kept by the connection.
 */
public final class XmlStreamDecoder extends SimpleChannelInboundHandler<ByteBuf> implements StreamInput {
    private static final int CHUNK = 8192;
    private static final byte[] NOTHING = {};

    /** A start tag this long leaves buffers in the reader that an idle stream should not keep. */
    private static final int LARGE_TAG_BYTES = 2048;

    /** Arrays that a decoder borrows while it reads. */
    private static final class Scratch {
        final byte[] chunk = new byte[CHUNK];
        final CanonicalWriter out = new CanonicalWriter();
    }

    /** Empty while it is borrowed: a read that is caused by an event of another read gets its own. */
    private static final FastThreadLocal<@Nullable Scratch> SCRATCH = new FastThreadLocal<>();

    /** What stands around the elements of a stream that come as documents of their own; it declares nothing. */
    private static final byte[] FRAMED = "<framed>".getBytes(StandardCharsets.US_ASCII);

    /** What stands around the elements. */
    private enum Around {
        /** A stream, from its header to its end tag. */
        STREAM,
        /** Nothing: each element is a document of its own (RFC 7395). */
        NOTHING,
        /** A body of BOSH (XEP-0124). */
        BODY
    }

    private final String contentNamespace;

    private final Around around;
    private final boolean framed;

    private final StanzaAssembler assembler;
    private final Utf8Gate gate = new Utf8Gate();
    private DecoderLimits limits;

    private @Nullable Consumer<StreamEvent> next;
    private Prolog prolog;
    private StartTagGuard guard;
    private XmlReader reader;

    /** Open elements as the reader counts them, the stream included. */
    private int depth;

    /** What a fresh reader is fed to stand where the old one stood; null for the usual header. */
    private byte @Nullable [] header;

    /** Where the unfinished element is written when a read ends inside it. */
    private @Nullable CanonicalWriter unfinished;

    /** A cut character, a cut prolog, or what arrived while paused. */
    private byte[] kept = NOTHING;

    /** Elements of the message that is being read, if framed. */
    private int messageElements;

    private boolean paused;
    private boolean done;
    private boolean reading;
    private boolean leftover;

    /**
     * @param contentNamespace the namespace of stanzas on this stream
     */
    public XmlStreamDecoder(String contentNamespace, DecoderLimits limits) {
        this(contentNamespace, limits, Around.STREAM);
    }

    private XmlStreamDecoder(String contentNamespace, DecoderLimits limits, Around around) {
        this.contentNamespace = contentNamespace;
        this.limits = limits;
        this.around = around;
        this.framed = around == Around.NOTHING;
        this.assembler = new StanzaAssembler(contentNamespace);
        begin();
    }

    /**
     * Of a stream whose elements are documents of their own, {@code open} and {@code close} among them. Whoever feeds it says
     * where each begins and ends.
     */
    static XmlStreamDecoder framed(DecoderLimits limits) {
        return new XmlStreamDecoder(Ns.CLIENT, limits, Around.NOTHING);
    }

    /**
     * Of one body of BOSH, in no pipeline: {@link #read(ByteBuf)} is its way in.
     *
     * @param next gets {@code BodyOpened}, what is in the body, and {@code StreamClosed}
     */
    static XmlStreamDecoder ofBody(DecoderLimits limits, Consumer<StreamEvent> next) {
        XmlStreamDecoder decoder = new XmlStreamDecoder(Ns.CLIENT, limits, Around.BODY);
        decoder.next = next;
        return decoder;
    }

    /** Stanzas without a language of their own have this one. */
    void lang(@Nullable String lang) {
        assembler.streamLang(lang);
    }

    /** Where a stream begins. */
    private void begin() {
        prolog = new Prolog();
        guard = framed ? StartTagGuard.inside() : new StartTagGuard();
        header = framed ? FRAMED : null;
        reader = framed ? XmlReader.behind(FRAMED) : new XmlReader();
        depth = framed ? 1 : 0;
        unfinished = null;
    }

    /** The bytes that come now are a document, up to {@link #endOfMessage}. */
    void beginMessage() {
        prolog = new Prolog();
        messageElements = 0;
    }

    /** The message is over, and so must its one element be. */
    void endOfMessage() {
        if (paused && isBlank(kept)) {
            kept = NOTHING;
        }
        if (next != null && !done && (messageElements != 1 || kept.length > 0 || isInsideElement())) {
            refuse(StreamError.of(Condition.NOT_WELL_FORMED, "a message is one element"));
        }
    }

    private static boolean isBlank(byte[] bytes) {
        for (byte b : bytes) {
            if (b != ' ' && b != '\t' && b != '\r' && b != '\n') {
                return false;
            }
        }
        return true;
    }

    /** The peer broke a rule of what carries the stream; nothing more is read. */
    void refuse(StreamError error) {
        if (!done) {
            fail(error);
        }
    }

    @Override
    public void limits(DecoderLimits limits) {
        this.limits = limits;
    }

    @Override
    public void pause() {
        paused = true;
    }

    @Override
    public void resume() {
        paused = false;
        if (!reading && next != null) {
            read(Unpooled.EMPTY_BUFFER);
        }
    }

    @Override
    public void restart() {
        begin();
        assembler.reset();
        resume();
    }

    @Override
    public boolean hasLeftover() {
        return reading ? leftover : kept.length > 0;
    }

    @Override
    public boolean isInsideElement() {
        return guard.isInsideElement() || kept.length > 0 && !paused;
    }

    /** Names that this stream's reader had to learn. */
    int inventedNames() {
        return reader.inventedNames();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        next = ctx::fireChannelRead;
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        drop();
        next = null;
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        drop();
        ctx.fireChannelInactive();
    }

    private void drop() {
        done = true;
        kept = NOTHING;
        unfinished = null;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, ByteBuf in) {
        if (reading) {
            throw new IllegalStateException("a read inside a read of the same stream");
        }
        read(in);
    }

    /** Reads what has arrived. */
    void read(ByteBuf in) {
        Scratch scratch = SCRATCH.get();
        if (scratch == null) {
            scratch = new Scratch();
        } else {
            SCRATCH.set(null);
        }
        reading = true;
        try {
            consume(in, scratch);
        } catch (ViolationException e) {
            fail(e.error());
        } finally {
            reading = false;
            SCRATCH.set(scratch);
        }
    }

    private void consume(ByteBuf in, Scratch scratch) throws ViolationException {
        byte[] before = kept;
        kept = NOTHING;
        int taken = 0;
        int filled = 0;
        byte[] chunk = scratch.chunk;
        while (!paused && !done) {
            int fromBefore = Math.min(chunk.length - filled, before.length - taken);
            System.arraycopy(before, taken, chunk, filled, fromBefore);
            taken += fromBefore;
            int fromIn = Math.min(chunk.length - filled - fromBefore, in.readableBytes());
            in.readBytes(chunk, filled + fromBefore, fromIn);
            if (fromBefore + fromIn == 0) {
                break;
            }
            filled += fromBefore + fromIn;
            int behind = before.length - taken + in.readableBytes();
            int used = decode(scratch, filled, behind);
            filled -= used;
            System.arraycopy(chunk, used, chunk, 0, filled);
        }
        if (done) {
            return;
        }
        keep(chunk, filled, before, taken, in);
        if (depth > 1 && unfinished == null) {
            unfinished = scratch.out.copy();
        }
        if (!guard.isInsideElement()) {
            reader.becomeIdle();
        }
    }

    private void keep(byte[] chunk, int filled, byte[] before, int taken, ByteBuf in) throws ViolationException {
        int more = in.readableBytes();
        long size = (long) filled + before.length - taken + more;
        if (size > limits.stanzaBytes()) {
            throw new ViolationException(Condition.POLICY_VIOLATION, "too much sent ahead");
        }
        if (size == 0) {
            return;
        }
        kept = Arrays.copyOf(chunk, (int) size);
        System.arraycopy(before, taken, kept, filled, before.length - taken);
        in.readBytes(kept, (int) size - more, more);
    }

    /** Decodes what is complete of the chunk and says how much that was. */
    private int decode(Scratch scratch, int filled, int behind) throws ViolationException {
        byte[] chunk = scratch.chunk;
        gate.check(chunk, 0, filled);
        int passed = gate.passed();
        int at = 0;
        while (at < passed && !paused && !done) {
            if (!prolog.isComplete()) {
                at = prolog.skip(chunk, at, passed, limits);
                if (!prolog.isComplete()) {
                    break;
                }
            }
            int end = guard.scan(chunk, at, passed, limits);
            StreamEvent event = parse(chunk, at, end, scratch);
            at = end;
            if (event != null) {
                leftover = filled - at + behind > 0;
                emit(event);
                if ((event instanceof StreamOpened || event instanceof BodyOpened) && guard.depth() == 0) {
                    emit(new StreamClosed());
                }
            }
            StreamError violation = guard.violation();
            if (violation != null && !done) {
                fail(violation);
            }
        }
        if (gate.refused() && !paused && !done && (at == passed || !prolog.isComplete())) {
            boolean otherEncoding = !prolog.isComplete() && isOfUtf16(chunk[passed]);
            throw otherEncoding
                    ? new ViolationException(Condition.UNSUPPORTED_ENCODING, "not UTF-8")
                    : new ViolationException(Condition.NOT_WELL_FORMED, "no XML character in UTF-8");
        }
        return at;
    }

    /** Byte order marks of UTF-16, and the zero beside each ASCII character. */
    private static boolean isOfUtf16(byte b) {
        return b == 0 || b == (byte) 0xFE || b == (byte) 0xFF;
    }

    /** Takes all events of the bytes, which end behind at most one top-level element. */
    private @Nullable StreamEvent parse(byte[] chunk, int from, int to, Scratch scratch) throws ViolationException {
        if (from == to || !guard.isInsideElement() && !guard.atBoundary()) {
            // Nothing, or only white space between elements.
            return null;
        }
        CanonicalWriter out = unfinished == null ? scratch.out : unfinished;
        if (depth <= 1) {
            out.reset();
        }
        StreamEvent event = null;
        reader.feed(chunk, from, to);
        for (int e = reader.next(); e != EVENT_INCOMPLETE; e = reader.next()) {
            switch (e) {
                case START_DOCUMENT -> {
                    // The prolog has been checked.
                }
                case START_ELEMENT -> {
                    if (depth++ == 0) {
                        event = around == Around.BODY
                                ? assembler.body(reader, limits)
                                : assembler.header(reader, limits);
                        rememberHeader();
                        reader.markNames();
                    } else {
                        assembler.start(reader, depth - 1, out, limits);
                        if (reader.inventedNames() > limits.names()) {
                            throw new ViolationException(Condition.POLICY_VIOLATION, "too many names");
                        }
                    }
                }
                case CHARACTERS, CDATA, SPACE -> assembler.text(reader, out);
                case END_ELEMENT -> {
                    if (--depth > 0) {
                        event = assembler.end(depth, guard.bytes(), out);
                    } else if (event == null) {
                        event = new StreamClosed();
                    }
                }
                default -> throw new ViolationException(Condition.RESTRICTED_XML, "markup that XMPP does not allow");
            }
            if (out.size() > limits.stanzaBytes()) {
                throw new ViolationException(Condition.POLICY_VIOLATION, "stanza too long");
            }
        }
        if (guard.atBoundary()) {
            if (depth != guard.depth()) {
                throw new ViolationException(Condition.NOT_WELL_FORMED, "tags do not match");
            }
            unfinished = null;
            if (depth == 1 && (guard.longestTag() > LARGE_TAG_BYTES || reader.inventedNames() > limits.names() / 2)) {
                replaceReader();
            }
        }
        return event;
    }

    /** Keeps the declarations of the stream header, unless they are the usual ones. */
    private void rememberHeader() {
        AsyncXMLStreamReader<?> opened = reader.events();
        boolean usual = opened.getNamespaceCount() == 2
                && "stream".equals(opened.getPrefix())
                && reader.defaultNamespace().equals(contentNamespace);
        if (usual) {
            header = null;
            return;
        }
        String prefix = opened.getPrefix();
        StringBuilder tag = new StringBuilder("<");
        if (prefix != null && !prefix.isEmpty()) {
            tag.append(prefix).append(':');
        }
        tag.append(opened.getLocalName());
        for (int i = 0; i < opened.getNamespaceCount(); i++) {
            declare(tag, opened.getNamespacePrefix(i), opened.getNamespaceURI(i));
        }
        header = tag.append('>').toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void declare(StringBuilder tag, @Nullable String prefix, @Nullable String namespace) {
        tag.append(" xmlns");
        if (prefix != null && !prefix.isEmpty()) {
            tag.append(':').append(prefix);
        }
        String uri = namespace == null ? "" : namespace;
        tag.append("='")
                .append(uri.replace("&", "&amp;").replace("<", "&lt;").replace("'", "&apos;"))
                .append('\'');
    }

    /** A reader that knows no name but stands at the same place: between two elements of this stream. */
    private void replaceReader() {
        byte[] start = header != null
                ? header
                : ("<stream:stream xmlns='" + contentNamespace + "' xmlns:stream='" + Ns.STREAMS + "'>")
                        .getBytes(StandardCharsets.UTF_8);
        reader = XmlReader.behind(start);
    }

    private void emit(StreamEvent read) throws ViolationException {
        StreamEvent event = framed ? unframed(read) : read;
        messageElements++;
        if (event instanceof StreamClosed) {
            drop();
        }
        pass(event);
    }

    /** {@code open} and {@code close} are what header and end tag are elsewhere (RFC 7395 §3.4, §3.6). */
    private StreamEvent unframed(StreamEvent event) throws ViolationException {
        if (event instanceof StreamClosed) {
            throw new ViolationException(Condition.NOT_WELL_FORMED, "an end tag alone");
        }
        if (event instanceof StreamEvent.NonzaReceived nonza) {
            if (nonza.element().is(Framing.OPEN)) {
                return assembler.opened(nonza.element());
            }
            if (nonza.element().is(Framing.CLOSE)) {
                return new StreamClosed();
            }
        }
        return event;
    }

    private void fail(StreamError error) {
        drop();
        pass(new StreamViolation(error));
    }

    private void pass(StreamEvent event) {
        if (next != null) {
            next.accept(event);
        }
    }
}
