// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.registration;

/**
 * With what a device wants the text of its pushes encrypted.
 *
 * <p>Arrays are shared and nobody changes them.
 */
public sealed interface PayloadKey {
    /** RFC 8291: only the device can read what is written for this key. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record WebPush(byte[] publicKey, byte[] authSecret) implements PayloadKey {
        @Override
        public String toString() {
            return "webpush";
        }
    }

    /**
     * The scheme of Tigase's clients, AES-128-GCM with one key.
     *
     * @param maxSize octets of base64 that the service takes
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Tigase(byte[] key, int maxSize) implements PayloadKey {
        @Override
        public String toString() {
            return "aes-128-gcm";
        }
    }

    /** The scheme of Xabber's clients, AES-256-CBC with one key and no proof of who wrote it. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Xabber(byte[] key) implements PayloadKey {
        @Override
        public String toString() {
            return "aes-256-cbc";
        }
    }
}
