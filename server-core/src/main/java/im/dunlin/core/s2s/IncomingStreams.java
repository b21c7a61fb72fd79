// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.s2s;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Streams on which other servers send, by their domains. Any thread, briefly. */
final class IncomingStreams {
    private final int mostPerDomain;
    private final Map<String, List<IncomingStream>> streams = new HashMap<>();

    IncomingStreams(int mostPerDomain) {
        this.mostPerDomain = mostPerDomain;
    }

    /** One more stream of this domain. If that is too many, the one that has been silent for longest ends. */
    synchronized void add(String remote, IncomingStream stream) {
        List<IncomingStream> known = streams.computeIfAbsent(remote, each -> new ArrayList<>(1));
        if (known.contains(stream)) {
            return;
        }
        if (known.size() >= mostPerDomain) {
            IncomingStream silent = known.stream()
                    .min(Comparator.comparingLong(IncomingStream::lastHeard))
                    .orElseThrow();
            known.remove(silent);
            silent.giveWay();
        }
        known.add(stream);
    }

    synchronized void remove(String remote, IncomingStream stream) {
        List<IncomingStream> known = streams.get(remote);
        if (known != null && known.remove(stream) && known.isEmpty()) {
            streams.remove(remote);
        }
    }
}
