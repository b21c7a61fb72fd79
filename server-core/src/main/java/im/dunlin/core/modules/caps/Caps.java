// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.caps;

import im.dunlin.storage.ValueCodec;
import im.dunlin.storage.ValueReader;
import im.dunlin.storage.ValueWriter;
import im.dunlin.storage.Values;
import java.util.Set;

/**
 * What an available client has said.
 *
 * @param key of the hash that it advertised last; empty before
 * @param interests nodes of which it wants to hear
 */
record Caps(String key, Set<String> interests) {
    static final Caps NOTHING = new Caps("", Set.of());

    static final ValueCodec<Caps> CODEC = Values.versioned(
            1,
            (out, caps) -> out.text(caps.key).list(caps.interests, ValueWriter::text),
            in -> new Caps(in.text(), Set.copyOf(in.list(ValueReader::text))));
}
