// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks;

import im.dunlin.core.session.Wire;
import im.dunlin.core.stanza.Stanza;
import im.dunlin.core.stream.StreamError;
import im.dunlin.core.xml.Element;
import org.jspecify.annotations.Nullable;

/** A connection that costs nothing. Counts on one thread at a time. */
final class Nowhere implements Wire {
    private long written;

    long written() {
        return written;
    }

    @Override
    public void write(Stanza stanza) {
        written++;
    }

    @Override
    public void write(Element nonza) {
        written++;
    }

    @Override
    public void hold() {}

    @Override
    public void release() {}

    @Override
    public void close(@Nullable StreamError error) {}

    @Override
    public void credit(int bytes) {}
}
