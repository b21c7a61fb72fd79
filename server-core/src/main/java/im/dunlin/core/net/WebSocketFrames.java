// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net;

import im.dunlin.core.stream.StreamError;
import im.dunlin.core.stream.StreamError.Condition;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Takes a client's WebSocket frames apart (RFC 6455 §5) and feeds what is in its messages to the decoder of the stream, piece
 * by piece as it arrives: a message is never collected, so the limits of stanzas are those of messages.
 *
 * <p>Before the decoder in the pipeline, on the channel's event loop.
 */
final class WebSocketFrames extends SimpleChannelInboundHandler<ByteBuf> implements StreamInput {
    /** Frames of one message: browsers cut a long one into pieces of 64 KiB or more (threat X17). */
    private static final int MAX_FRAGMENTS = 16;

    /** What a stanza's document may have besides the stanza: a declaration, white space. */
    private static final int AROUND_STANZA = 512;

    private static final int FINAL = 0x80;
    private static final int RESERVED = 0x70;
    private static final int OPCODE = 0x0F;
    private static final int MASKED = 0x80;
    private static final int LENGTH = 0x7F;
    private static final int SHORT_LENGTH = 126;
    private static final int LONG_LENGTH = 127;
    private static final int MASK_BYTES = 4;
    private static final int SHORTEST_HEAD = 2;
    private static final int LONGEST_HEAD = 14;
    private static final int FIRST_STATUS = 1000;
    private static final int LAST_STATUS = 4999;

    private final XmlStreamDecoder decoder;
    private DecoderLimits limits;
    private @Nullable ChannelHandlerContext ctx;

    /** The head of the frame that is being read, as far as it has come. */
    private final byte[] head = new byte[LONGEST_HEAD];

    private int headBytes;

    /** Payload of this frame that is still to come; -1 while its head is. */
    private long payload = -1;

    private boolean last;
    private int opcode;
    private int mask;

    /** A text message has begun and is not over. */
    private boolean inMessage;

    private int fragments;
    private boolean firstByte;

    /** Payload of a control frame, which may stand between those of a message. */
    private byte @Nullable [] control;

    /** What came while nothing may be read. */
    private @Nullable ByteBuf held;

    private boolean paused;
    private boolean reading;
    private boolean done;

    WebSocketFrames(XmlStreamDecoder decoder, DecoderLimits limits) {
        this.decoder = decoder;
        this.limits = limits;
    }

    // ---- for the connection
    // ------------------------------------------------------------------------------------------

    @Override
    public void limits(DecoderLimits limits) {
        this.limits = limits;
        decoder.limits(limits);
    }

    @Override
    public void pause() {
        paused = true;
        decoder.pause();
    }

    @Override
    public void resume() {
        paused = false;
        decoder.resume();
        readHeld();
    }

    @Override
    public void restart() {
        paused = false;
        decoder.restart();
        readHeld();
    }

    @Override
    public boolean hasLeftover() {
        return held != null || decoder.hasLeftover();
    }

    @Override
    public boolean isInsideElement() {
        return inMessage || headBytes > 0 || payload >= 0;
    }

    // ---- the channel
    // -------------------------------------------------------------------------------------------------

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        ctx = context;
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        finish();
        ctx = null;
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        finish();
        context.fireChannelInactive();
    }

    private void finish() {
        done = true;
        if (held != null) {
            held.release();
            held = null;
        }
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, ByteBuf in) {
        if (held == null) {
            read(context, in);
        } else {
            hold(context, in);
        }
    }

    private void readHeld() {
        ByteBuf in = held;
        if (in == null || ctx == null || reading || paused) {
            return;
        }
        held = null;
        try {
            read(ctx, in);
        } finally {
            in.release();
        }
    }

    private void hold(ChannelHandlerContext context, ByteBuf in) {
        int before = held == null ? 0 : held.readableBytes();
        if (before + in.readableBytes() > limits.stanzaBytes()) {
            finish();
            decoder.refuse(StreamError.of(Condition.POLICY_VIOLATION, "too much sent ahead"));
            return;
        }
        if (held == null) {
            held = context.alloc().buffer(in.readableBytes());
        }
        held.writeBytes(in);
    }

    private void read(ChannelHandlerContext context, ByteBuf in) {
        reading = true;
        try {
            while (in.isReadable() && !done) {
                if (paused && payload < 0 && !inMessage) {
                    hold(context, in);
                    return;
                }
                if (payload < 0) {
                    readHead(context, in);
                } else if (control != null) {
                    readControl(context, in);
                } else {
                    readText(context, in);
                }
            }
        } finally {
            reading = false;
        }
    }

    // ---- frames
    // ------------------------------------------------------------------------------------------------------

    private void readHead(ChannelHandlerContext context, ByteBuf in) {
        int missing = headLength() - headBytes;
        int taken = Math.min(missing, in.readableBytes());
        in.readBytes(head, headBytes, taken);
        headBytes += taken;
        if (headBytes >= SHORTEST_HEAD && (head[1] & MASKED) == 0) {
            hangUp(context, Framing.PROTOCOL_ERROR);
        } else if (headBytes >= SHORTEST_HEAD && headBytes == headLength()) {
            beginFrame(context);
        }
    }

    private int headLength() {
        if (headBytes < SHORTEST_HEAD) {
            return SHORTEST_HEAD;
        }
        return SHORTEST_HEAD + lengthBytes() + MASK_BYTES;
    }

    private int lengthBytes() {
        return switch (head[1] & LENGTH) {
            case SHORT_LENGTH -> Short.BYTES;
            case LONG_LENGTH -> Long.BYTES;
            default -> 0;
        };
    }

    private void beginFrame(ChannelHandlerContext context) {
        int lengthBytes = lengthBytes();
        long length = lengthBytes == 0 ? head[1] & LENGTH : bigEndian(SHORTEST_HEAD, lengthBytes);
        boolean shortest = lengthBytes == 0
                || lengthBytes == Short.BYTES && length >= SHORT_LENGTH
                || lengthBytes == Long.BYTES && (length < 0 || length > 0xFFFF);
        mask = (int) bigEndian(headBytes - MASK_BYTES, MASK_BYTES);
        last = (head[0] & FINAL) != 0;
        opcode = head[0] & OPCODE;
        headBytes = 0;
        if ((head[0] & RESERVED) != 0 || !shortest || length < 0) {
            hangUp(context, Framing.PROTOCOL_ERROR);
            return;
        }
        payload = length;
        switch (opcode) {
            case Framing.TEXT, Framing.CONTINUATION -> beginText(context);
            case Framing.BINARY -> hangUp(context, Framing.UNACCEPTABLE);
            case Framing.CLOSING, Framing.PING, Framing.PONG -> {
                if (!last || length >= SHORT_LENGTH) {
                    hangUp(context, Framing.PROTOCOL_ERROR);
                    return;
                }
                control = new byte[(int) length];
                if (length == 0) {
                    endControl(context, control);
                }
            }
            default -> hangUp(context, Framing.PROTOCOL_ERROR);
        }
    }

    private long bigEndian(int from, int count) {
        long number = 0;
        for (int i = 0; i < count; i++) {
            number = number << Byte.SIZE | head[from + i] & 0xFF;
        }
        return number;
    }

    private void beginText(ChannelHandlerContext context) {
        if (inMessage != (opcode == Framing.CONTINUATION)) {
            hangUp(context, Framing.PROTOCOL_ERROR);
            return;
        }
        if (!inMessage) {
            inMessage = true;
            fragments = 0;
            firstByte = true;
            decoder.beginMessage();
        }
        fragments++;
        if (fragments > MAX_FRAGMENTS || payload > (long) limits.stanzaBytes() + AROUND_STANZA) {
            finish();
            decoder.refuse(StreamError.of(Condition.POLICY_VIOLATION, "message too long, or in too many pieces"));
        } else if (payload == 0) {
            endFrame();
        }
    }

    private void readText(ChannelHandlerContext context, ByteBuf in) {
        int length = (int) Math.min(payload, in.readableBytes());
        unmask(in, in.readerIndex(), length);
        if (firstByte && in.getByte(in.readerIndex()) != '<') {
            finish();
            decoder.refuse(StreamError.of(Condition.NOT_WELL_FORMED, "a message begins with <"));
            return;
        }
        firstByte = false;
        payload -= length;
        context.fireChannelRead(in.readRetainedSlice(length));
        if (payload == 0) {
            endFrame();
        }
    }

    private void endFrame() {
        payload = -1;
        if (last) {
            inMessage = false;
            decoder.endOfMessage();
        }
    }

    private void readControl(ChannelHandlerContext context, ByteBuf in) {
        byte[] all = Objects.requireNonNull(control);
        int length = (int) Math.min(payload, in.readableBytes());
        unmask(in, in.readerIndex(), length);
        in.readBytes(all, all.length - (int) payload, length);
        payload -= length;
        if (payload == 0) {
            endControl(context, all);
        }
    }

    private void endControl(ChannelHandlerContext context, byte[] content) {
        payload = -1;
        control = null;
        if (opcode == Framing.PING) {
            context.fireChannelRead(new StreamEvent.Pinged(content));
        } else if (opcode == Framing.CLOSING) {
            hangUp(context, status(content));
        }
    }

    /** The status that the client closes with, or how it is told that there is no such. */
    private static int status(byte[] content) {
        if (content.length == 0) {
            return Framing.NORMAL;
        }
        int status = content.length == 1 ? 0 : (content[0] & 0xFF) << Byte.SIZE | content[1] & 0xFF;
        boolean may = status >= FIRST_STATUS && status <= LAST_STATUS && status != 1005 && status != 1006;
        return may ? status : Framing.PROTOCOL_ERROR;
    }

    private void hangUp(ChannelHandlerContext context, int status) {
        finish();
        context.fireChannelRead(new StreamEvent.CarrierClosed(status));
    }

    /** RFC 6455 §5.3, eight bytes at a time; the mask is turned to where the next piece of the payload begins. */
    private void unmask(ByteBuf in, int from, int length) {
        long wide = (long) mask << Integer.SIZE | mask & 0xFFFF_FFFFL;
        int i = 0;
        for (; i + Long.BYTES <= length; i += Long.BYTES) {
            in.setLong(from + i, in.getLong(from + i) ^ wide);
        }
        for (; i < length; i++) {
            in.setByte(from + i, in.getByte(from + i) ^ mask >>> (24 - Byte.SIZE * (i % MASK_BYTES)));
        }
        mask = Integer.rotateLeft(mask, Byte.SIZE * (length % MASK_BYTES));
    }
}
