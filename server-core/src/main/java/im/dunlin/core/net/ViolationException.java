// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net;

import im.dunlin.core.stream.StreamError;

/** Carries a stream error from the depths of the decoder to its rim. Without stack trace. */
final class ViolationException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient StreamError error;

    ViolationException(StreamError.Condition condition, String text) {
        super(text, null, false, false);
        this.error = StreamError.of(condition, text);
    }

    StreamError error() {
        return error;
    }
}
