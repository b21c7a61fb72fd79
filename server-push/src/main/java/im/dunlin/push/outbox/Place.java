// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.outbox;

import im.dunlin.storage.CorruptionException;
import im.dunlin.storage.KeyCodec;
import im.dunlin.storage.KeyReader;
import im.dunlin.storage.KeyWriter;

/**
 * What a push of one registration is about. There is one at a time for each: what happens again before it is sent changes it.
 *
 * @param registration its number
 * @param name of the conversation's peer, or the session id of the call
 */
record Place(long registration, Matter matter, String name) {
    static final KeyCodec<Place> CODEC = new KeyCodec<>() {
        @Override
        public void write(Place place, KeyWriter out) {
            out.u64(place.registration).u8(place.matter.ordinal()).text(place.name);
        }

        @Override
        public Place read(KeyReader in) {
            long registration = in.u64();
            int matter = in.u8();
            if (matter >= Matter.values().length) {
                throw new CorruptionException("a push about " + matter);
            }
            return new Place(registration, Matter.values()[matter], in.text());
        }
    };

    /** In the order in which they are sent. The ordinals are on disk. */
    enum Matter {
        CALL,
        CALL_END,
        MESSAGE,
        READ
    }

    static Place message(long registration, String peer) {
        return new Place(registration, Matter.MESSAGE, peer);
    }

    static Place call(long registration, String sid) {
        return new Place(registration, Matter.CALL, sid);
    }

    static Place callEnd(long registration, String sid) {
        return new Place(registration, Matter.CALL_END, sid);
    }

    static Place read(long registration, String peer) {
        return new Place(registration, Matter.READ, peer);
    }

    boolean isCall() {
        return matter == Matter.CALL;
    }
}
