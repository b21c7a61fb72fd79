// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net;

import im.dunlin.core.config.Limits;
import im.dunlin.core.session.Wire;
import im.dunlin.core.stanza.Stanza;
import im.dunlin.core.stream.StreamError;
import im.dunlin.core.xml.Element;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * What waits to be written to one connection.
 *
 * <p>Any thread puts in; one task on the event loop takes out, however many wait, encodes into one buffer and flushes once.
 * While the peer does not read, things wait here; over the bound the connection ends with {@code resource-constraint}, and
 * what the archive has is fetched by the client when it is back.
 */
final class ChannelWire implements Wire {
    /** What an encoded batch holds before it is handed to the channel, so that writability is asked now and then. */
    private static final int BATCH_BYTES = 64 * 1024;

    private static final int INITIAL_BYTES = 1024;

    /** How many times the queue's bytes one stanza may have when nothing else waits. */
    private static final long ALONE = 4;

    /** A stanza that counts towards no bound. */
    private record Repeated(Stanza stanza) {}

    private record End(@Nullable StreamError error) {}

    /** The stream that is written to. */
    interface Stream {
        StreamWriter writer();

        /** Ends the stream: what waits is not written any more, except the error and the closing tag. Event loop. */
        void endStream(@Nullable StreamError error);

        /** Returns credit. Any thread. */
        void credit(int bytes);

        /** A stanza will not be written any more. Any thread; must only post work. A session keeps its own. */
        default void unsent(Stanza stanza) {}
    }

    private final Channel channel;
    private final Stream connection;
    private final Limits.Outbound limits;

    private ArrayDeque<Object> waiting = new ArrayDeque<>(0);
    private int waitingBytes;
    private int repeated;
    private boolean scheduled;
    private boolean closing;
    private boolean held;

    ChannelWire(Channel channel, Stream connection, Limits.Outbound limits) {
        this.channel = channel;
        this.connection = connection;
        this.limits = limits;
    }

    @Override
    public void write(Stanza stanza) {
        put(stanza, stanza.payload().size());
    }

    @Override
    public synchronized void repeat(Stanza stanza) {
        if (!closing) {
            waiting.add(new Repeated(stanza));
            repeated++;
            schedule();
        }
    }

    @Override
    public void write(Element nonza) {
        put(nonza, 0);
    }

    @Override
    public synchronized void hold() {
        held = true;
    }

    @Override
    public synchronized void release() {
        held = false;
        if (!waiting.isEmpty()) {
            schedule();
        }
    }

    @Override
    public synchronized void close(@Nullable StreamError error) {
        if (!closing) {
            if (held) {
                clear();
            }
            closing = true;
            waiting.add(new End(error));
            schedule();
        }
    }

    @Override
    public void credit(int bytes) {
        connection.credit(bytes);
    }

    private synchronized void put(Object item, int bytes) {
        if (closing) {
            unsent(item);
            return;
        }
        // One stanza alone may be larger than the queue, a long roster say: without it the client could never begin.
        long most = waitingBytes == 0 ? ALONE * limits.queueBytes() : limits.queueBytes();
        waiting.add(item);
        waitingBytes += bytes;
        if (waitingBytes > most || waiting.size() - repeated > limits.queueStanzas()) {
            clear();
            closing = true;
            waiting.add(new End(StreamError.of(StreamError.Condition.RESOURCE_CONSTRAINT)));
        }
        schedule();
    }

    private void clear() {
        waiting.forEach(this::unsent);
        waiting.clear();
        waitingBytes = 0;
        repeated = 0;
    }

    private void unsent(Object item) {
        if (item instanceof Stanza stanza) {
            connection.unsent(stanza);
        }
    }

    /** The connection is gone: nothing is written any more. */
    synchronized void abandon() {
        closing = true;
        clear();
    }

    private void schedule() {
        if (!scheduled) {
            scheduled = true;
            channel.eventLoop().execute(this::flush);
        }
    }

    /** Writes what waits for as long as the channel takes it. Event loop; called again when the channel is writable. */
    void flush() {
        StreamWriter writer = connection.writer();
        ByteBuf batch = null;
        while (true) {
            Object next = next();
            if (next == null) {
                break;
            }
            if (next instanceof End end) {
                if (batch != null) {
                    channel.write(batch);
                }
                connection.endStream(end.error());
                return;
            }
            if (batch == null) {
                batch = channel.alloc().buffer(INITIAL_BYTES);
            }
            if (next instanceof Stanza stanza) {
                writer.stanza(batch, stanza);
            } else {
                writer.nonza(batch, (Element) next);
            }
            if (batch.readableBytes() > BATCH_BYTES) {
                channel.write(batch);
                batch = null;
            }
        }
        if (batch != null) {
            channel.write(batch);
        }
        channel.flush();
    }

    private synchronized @Nullable Object next() {
        boolean stopped = held || !channel.isWritable();
        if (waiting.isEmpty() || stopped && !(waiting.peek() instanceof End)) {
            scheduled = false;
            return null;
        }
        Object next = waiting.remove();
        if (next instanceof Stanza stanza) {
            waitingBytes -= stanza.payload().size();
        } else if (next instanceof Repeated again) {
            repeated--;
            next = again.stanza();
        }
        if (waiting.isEmpty()) {
            // An idle connection should not keep the array that a burst needed.
            waiting = new ArrayDeque<>(0);
        }
        return next;
    }

    /** Whether something waits that the peer has not taken. */
    synchronized boolean isBacklogged() {
        return !waiting.isEmpty();
    }
}
