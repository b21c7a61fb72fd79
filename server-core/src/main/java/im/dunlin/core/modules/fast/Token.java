// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.fast;

import im.dunlin.core.auth.ScramHash;
import im.dunlin.core.jid.BareJid;
import im.dunlin.storage.CorruptionException;
import im.dunlin.storage.ValueCodec;
import im.dunlin.storage.ValueReader;
import im.dunlin.storage.ValueWriter;
import im.dunlin.storage.Values;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A token as the server keeps it: what it was made of, never the token. Whoever has the row and not the server's secret can
 * neither log in with it nor try whether a guess is right.
 *
 * @param id 32 random hex digits
 * @param mechanism the only one with which it is good
 * @param issued microseconds since 1970
 * @param expires the same
 * @param count the greatest that a login with it has had (XEP-0484 §3.4); -1 before the first
 */
record Token(String id, HashedToken mechanism, long issued, long expires, long count) {

    /**
     * What a device has.
     *
     * @param current the one that it has used
     * @param next one that it was given since and has not used yet; good beside the other
     */
    record Slots(@Nullable Token current, @Nullable Token next) {
        static final Slots EMPTY = new Slots(null, null);

        /** Format 1: current, next; each a list of none or one. */
        static final ValueCodec<Slots> CODEC = Values.versioned(
                1,
                (out, slots) -> out.list(listed(slots.current), Token::write).list(listed(slots.next), Token::write),
                in -> new Slots(only(in.list(Token::read)), only(in.list(Token::read))));

        private static List<Token> listed(@Nullable Token token) {
            return token == null ? List.of() : List.of(token);
        }

        private static @Nullable Token only(List<Token> tokens) {
            return tokens.isEmpty() ? null : tokens.get(0);
        }

        boolean isEmpty() {
            return current == null && next == null;
        }

        /** When the last of them expires. */
        long expires() {
            return Math.max(current == null ? 0 : current.expires, next == null ? 0 : next.expires);
        }
    }

    Token counted(long newCount) {
        return new Token(id, mechanism, issued, expires, newCount);
    }

    /** The token itself, made of the server's secret and all that it is bound to. */
    String text(byte[] secret, BareJid account, String device) {
        String bound = String.join("\0", account.toString(), device, mechanism.mechanism(), id);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(ScramHash.SHA_256.hmac(secret, bound));
    }

    private static void write(ValueWriter out, Token token) {
        out.text(token.id)
                .text(token.mechanism.mechanism())
                .varint(token.issued)
                .varint(token.expires)
                .varint(token.count + 1);
    }

    private static Token read(ValueReader in) {
        String id = in.text();
        String name = in.text();
        HashedToken mechanism = HashedToken.of(name);
        if (mechanism == null) {
            throw new CorruptionException("a token for " + name);
        }
        return new Token(id, mechanism, in.varint(), in.varint(), in.varint() - 1);
    }

    @Override
    public String toString() {
        return mechanism.mechanism() + " token";
    }
}
