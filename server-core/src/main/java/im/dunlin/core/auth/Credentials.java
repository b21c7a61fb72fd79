// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.auth;

import im.dunlin.core.jid.Precis;
import im.dunlin.storage.CorruptionException;
import im.dunlin.storage.ValueCodec;
import im.dunlin.storage.ValueReader;
import im.dunlin.storage.ValueWriter;
import im.dunlin.storage.Values;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the server keeps to check an account's password: one salted key per SCRAM hash, never the password, and whether
 * the account may be used. Immutable.
 */
public final class Credentials {
    /** Of a prepared password, in UTF-8. A bound on what a stranger can have hashed, far above any real password. */
    public static final int MAX_PASSWORD_BYTES = 1_024;

    /**
     * Format 2: state, then for each key its hash, iterations, salt, stored key and server key, then the generation. Format 1 had
     * no generation.
     */
    public static final ValueCodec<Credentials> CODEC = Values.versioned(2, Credentials::write, Credentials::read);

    /** Of what was stored before there were generations. */
    private static final long FIRST_GENERATION = 0;

    private final AccountState state;
    private final long generation;
    private final Map<ScramHash, ScramKey> keys = new EnumMap<>(ScramHash.class);

    /**
     * @param generation another one for each password that is set
     * @throws IllegalArgumentException if there is no key, or two of one hash
     */
    public Credentials(AccountState state, long generation, Collection<ScramKey> keys) {
        this.state = state;
        this.generation = generation;
        for (ScramKey key : keys) {
            if (this.keys.put(key.hash(), key) != null) {
                throw new IllegalArgumentException("two keys of " + key.hash().mechanism() + " (expected: one)");
            }
        }
        if (this.keys.isEmpty()) {
            throw new IllegalArgumentException("keys: none (expected: at least one)");
        }
    }

    /**
     * The form of a password in which all spellings of it are equal (RFC 8265 section 4.2, OpaqueString).
     *
     * @return null if it cannot be a password: it is empty, too long, or has characters that are not allowed
     */
    public static @Nullable String preparedPassword(String typed) {
        String prepared = typed.length() > MAX_PASSWORD_BYTES ? null : Precis.opaqueString(typed);
        return prepared == null || prepared.getBytes(StandardCharsets.UTF_8).length > MAX_PASSWORD_BYTES
                ? null
                : prepared;
    }

    /**
     * The credentials of an active account. Computes for some tenths of a second: on an outside thread only.
     *
     * @param password {@linkplain #preparedPassword prepared}
     */
    public static Credentials ofPassword(String password, CredentialPolicy policy, SecureRandom random) {
        List<ScramKey> keys = policy.hashes().stream()
                .map(hash -> ScramKey.ofPassword(password, hash, policy.iterations(), random))
                .toList();
        return new Credentials(AccountState.ACTIVE, random.nextLong(), keys);
    }

    public AccountState state() {
        return state;
    }

    /**
     * Tells this password from the one before and the one after, and stays when keys or state change: whoever has proven a
     * password of another generation has proven nothing any more.
     */
    public long generation() {
        return generation;
    }

    /** All keys, of the same password. */
    public Collection<ScramKey> keys() {
        return Collections.unmodifiableCollection(keys.values());
    }

    /** These keys with another state. */
    public Credentials withState(AccountState newState) {
        return new Credentials(newState, generation, keys.values());
    }

    /** With those of these keys, which are of the same password, of whose hash there is none. */
    Credentials withMissing(Collection<ScramKey> more) {
        Map<ScramHash, ScramKey> all = new EnumMap<>(keys);
        more.forEach(key -> all.putIfAbsent(key.hash(), key));
        return new Credentials(state, generation, all.values());
    }

    /** These keys as those of a password that was set earlier. */
    Credentials withGeneration(long of) {
        return new Credentials(state, of, keys.values());
    }

    /** The key for a mechanism; absent if the account has none for it. */
    public @Nullable ScramKey key(ScramHash hash) {
        return keys.get(hash);
    }

    /** The key against which a password is checked; all are of the same password. */
    ScramKey keyFor(CredentialPolicy policy) {
        ScramKey key = keys.get(policy.checkedFirst());
        return key != null ? key : keys.values().iterator().next();
    }

    /** Whether nothing would be gained by making these anew from the password. */
    public boolean satisfies(CredentialPolicy policy) {
        return policy.hashes().stream().allMatch(hash -> {
            ScramKey key = keys.get(hash);
            return key != null && key.iterations() >= policy.iterations();
        });
    }

    private void write(ValueWriter out) {
        out.u8(state.code());
        out.list(
                keys.values(),
                (list, key) -> list.u8(key.hash().code())
                        .varint(key.iterations())
                        .bytes(key.salt())
                        .bytes(key.storedKey())
                        .bytes(key.serverKey()));
        out.fixed64(generation);
    }

    private static void write(ValueWriter out, Credentials credentials) {
        credentials.write(out);
    }

    private static Credentials read(ValueReader in) {
        int code = in.u8();
        for (AccountState state : AccountState.values()) {
            if (state.code() == code) {
                try {
                    List<ScramKey> keys = in.list(Credentials::readKey);
                    long generation = in.version() < 2 ? FIRST_GENERATION : in.fixed64();
                    return new Credentials(state, generation, keys);
                } catch (IllegalArgumentException e) {
                    throw new CorruptionException("credentials with " + e.getMessage());
                }
            }
        }
        throw new CorruptionException("credentials with account state " + code);
    }

    private static ScramKey readKey(ValueReader in) {
        int code = in.u8();
        ScramHash hash = ScramHash.ofCode(code);
        if (hash == null) {
            throw new CorruptionException("credentials with hash " + code);
        }
        return new ScramKey(hash, in.size(), in.bytes(), in.bytes(), in.bytes());
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Credentials that
                && state == that.state
                && generation == that.generation
                && keys.equals(that.keys);
    }

    @Override
    public int hashCode() {
        return keys.hashCode();
    }

    @Override
    public String toString() {
        return state + " " + keys.values();
    }
}
