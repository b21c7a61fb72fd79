// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.s2s;

import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.xml.Element;
import io.netty.channel.EventLoop;
import org.jspecify.annotations.Nullable;

/**
 * Asks the server of a domain, on a connection of its own, whether a key is its own (XEP-0220 §2.2). Only the answer to this very
 * question counts, and only on that connection.
 */
final class Verification implements OutgoingStream.Purpose {
    /** How it ended. On the event loop that asked. */
    @FunctionalInterface
    interface Answered {
        /** @param error why it is not known whether the key is valid; null if it is */
        void answered(boolean valid, @Nullable StanzaError error);
    }

    private final DomainPair pair;
    private final String streamId;
    private final String key;
    private final Answered then;
    private @Nullable OutgoingStream stream;
    private boolean done;

    private Verification(DomainPair pair, String streamId, String key, Answered then) {
        this.pair = pair;
        this.streamId = streamId;
        this.key = key;
        this.then = then;
    }

    /** @param streamId of our stream on which the key was shown */
    static void ask(Connector connector, EventLoop loop, DomainPair pair, String streamId, String key, Answered then) {
        connector.connect(pair, loop, new Verification(pair, streamId, key, then));
    }

    @Override
    public void secured(OutgoingStream opened, Element features) {
        stream = opened;
        opened.write(Dialback.question(pair, streamId, key));
    }

    @Override
    public void received(Element element) {
        if (done || stream == null) {
            return;
        }
        boolean isAnswer = element.is(Dialback.VERIFY)
                && pair.equals(Dialback.pair(element))
                && streamId.equals(element.attr("id"))
                && element.attr("type") != null;
        if (isAnswer) {
            finish("valid".equals(element.attr("type")), null);
            stream.fail("it has answered");
        }
    }

    @Override
    public void failed(Failure failure) {
        finish(false, failure.error());
    }

    private void finish(boolean valid, @Nullable StanzaError error) {
        if (!done) {
            done = true;
            then.answered(valid, error);
        }
    }
}
