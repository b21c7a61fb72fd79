// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.fast;

import im.dunlin.core.auth.SaslCondition;
import im.dunlin.core.auth.SaslExchange;
import im.dunlin.core.auth.SaslStep;
import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.JidException;
import im.dunlin.core.lane.Turn;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** SASL-HT: one message with the account's name and a proof, one answer with the server's. */
final class TokenExchange implements SaslExchange {
    /** Octets of a proof. */
    private static final int PROOF = 32;

    /** Judges a proof in a turn of the account. */
    @FunctionalInterface
    interface Judge {
        SaslStep.Verdict judge(BareJid account, byte[] proof, Turn turn);
    }

    private final String domain;
    private final Judge judge;

    TokenExchange(String domain, Judge judge) {
        this.domain = domain;
        this.judge = judge;
    }

    @Override
    public SaslStep begin(byte @Nullable [] initialResponse) {
        return initialResponse == null ? new SaslStep.Challenge(new byte[0]) : respond(initialResponse);
    }

    @Override
    public SaslStep respond(byte[] message) {
        int end = 0;
        while (end < message.length && message[end] != 0) {
            end++;
        }
        if (end == 0 || message.length - end - 1 != PROOF) {
            return new SaslStep.Failure(SaslCondition.MALFORMED_REQUEST, "not an HT message", false);
        }
        byte[] proof = Arrays.copyOfRange(message, end + 1, message.length);
        BareJid account;
        try {
            String name = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(message, 0, end))
                    .toString();
            account = BareJid.of(name, domain);
        } catch (CharacterCodingException e) {
            return new SaslStep.Failure(SaslCondition.MALFORMED_REQUEST, "not an HT message", false);
        } catch (JidException e) {
            return new SaslStep.Failure(SaslCondition.NOT_AUTHORIZED, "authentication failed", false);
        }
        return new SaslStep.NeedTurn(account, turn -> judge.judge(account, proof, turn));
    }
}
