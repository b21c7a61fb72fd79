// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net;

/** What a connection tells the decoder of its stream. On the channel's event loop. */
public interface StreamInput {
    /** Other limits, at once. */
    void limits(DecoderLimits limits);

    /**
     * Emits nothing more until {@link #resume} or {@link #restart}; bytes that arrive are kept, up to the
     * limit of a stanza. Called while handling an element whose outcome decides how the bytes after it are
     * to be read (SASL, STARTTLS).
     */
    void pause();

    /** Goes on with the same stream. */
    void resume();

    /**
     * Goes on with a new stream: a fresh reader, everything known of the old stream dropped. Bytes that
     * {@link #pause} kept belong to the new stream, as after SASL, and are read before this returns; before
     * STARTTLS, {@link #hasLeftover} must have been asked.
     */
    void restart();

    /**
     * True if bytes after the last emitted element have arrived. After {@code starttls} they came in the clear
     * and would be executed inside TLS: the stream must be closed (CVE-2011-0411).
     */
    boolean hasLeftover();

    /** True if a part of a top-level element has arrived and the peer has to send the rest. */
    boolean isInsideElement();
}
