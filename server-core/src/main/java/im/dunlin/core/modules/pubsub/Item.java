// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.pubsub;

import im.dunlin.core.lane.Turn;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Payload;
import im.dunlin.storage.ValueCodec;
import im.dunlin.storage.ValueReader;
import im.dunlin.storage.ValueWriter;
import im.dunlin.storage.Values;
import org.jspecify.annotations.Nullable;

/**
 * Something that was published.
 *
 * @param stamp when, by the owner's clock ({@link Turn#stamp}); with the same id again it is a later one
 * @param publisher the bare JID of who published it
 * @param payload one element or none
 */
public record Item(String id, long stamp, String publisher, Payload payload) {
    static final ValueCodec<Item> CODEC = Values.versioned(1, Item::write, Item::read);

    /** The payload; null for an item without. */
    public @Nullable Element content() {
        return payload.isEmpty() ? null : payload.children().get(0);
    }

    /** What it takes from the account's quota. */
    int bytes() {
        return payload.size() + id.length();
    }

    private static void write(ValueWriter out, Item item) {
        out.text(item.id).fixed64(item.stamp).text(item.publisher).bytes(item.payload.bytes());
    }

    private static Item read(ValueReader in) {
        return new Item(in.text(), in.fixed64(), in.text(), Payload.parse(in.bytes()));
    }
}
