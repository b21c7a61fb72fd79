// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.transfer;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.JidException;
import im.dunlin.core.portable.AccountSink;
import im.dunlin.core.portable.PortableException;
import im.dunlin.core.portable.Position;
import im.dunlin.core.portable.ScramCredentials;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Payload;
import im.dunlin.dist.control.Administration;
import im.dunlin.dist.control.NoAnswerException;
import im.dunlin.dist.control.RefusedException;
import im.dunlin.dist.control.RefusedPieceException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Brings the accounts that a reader gives it into a server. Each comes in whole or not at all; one that is there already stays as it
 * is, so that the same again changes nothing.
 */
public final class AccountImport implements AccountSink {
    /** Kinds of unknown elements that are named at the end. */
    private static final int MAX_UNKNOWN = 50;

    private final Administration administration;
    private final Consumer<String> messages;
    private final boolean lenient;
    private final Map<String, Unknown> unknown = new LinkedHashMap<>();
    private @Nullable Incoming current;
    private @Nullable NoAnswerException gone;
    private int brought;
    private int weak;
    private int present;
    private int refused;
    private int left;

    private record Unknown(Position first, int count) {}

    /** An account that has begun. */
    private static final class Incoming {
        final Position at;
        final BareJid jid;
        final String ticket;
        final @Nullable String password;
        final List<String> scram = new ArrayList<>(3);
        final List<String> pieces = new ArrayList<>();
        final List<Position> positions = new ArrayList<>();
        final List<String> names = new ArrayList<>();
        int bytes;

        void remove(int piece) {
            pieces.remove(piece);
            positions.remove(piece);
            names.remove(piece);
        }

        void clear() {
            pieces.clear();
            positions.clear();
            names.clear();
            bytes = 0;
        }

        Incoming(Position at, BareJid jid, String ticket, @Nullable String password) {
            this.at = at;
            this.jid = jid;
            this.ticket = ticket;
            this.password = password;
        }
    }

    /** @param messages is told in a line each what was refused or left out */
    public AccountImport(Administration administration, Consumer<String> messages) {
        this(administration, messages, false);
    }

    /** @param lenient whether a part of an account that is wrong is left out, and the account comes in without it */
    public AccountImport(Administration administration, Consumer<String> messages, boolean lenient) {
        this.administration = administration;
        this.messages = messages;
        this.lenient = lenient;
    }

    /** Gives accounts to a sink. */
    public interface Reading {
        void run(AccountSink to) throws PortableException;
    }

    /**
     * Reads to the end, or to the first place that cannot be read.
     *
     * @return whether everything that was read is there now
     * @throws NoAnswerException when the server is gone
     */
    public boolean run(Reading reading) throws NoAnswerException {
        boolean well = true;
        try {
            reading.run(this);
        } catch (PortableException e) {
            if (gone != null) {
                throw gone;
            }
            well = false;
            messages.accept(String.valueOf(e.getMessage()));
        } finally {
            giveUp(current);
        }
        unknown.forEach((name, each) -> messages.accept(each.first() + ": " + name
                + " is not known here and was left out" + (each.count() > 1 ? " (" + each.count() + " times)" : "")));
        if (weak > 0) {
            messages.accept(weak
                    + " accounts can log in by SCRAM-SHA-1 and PLAIN only, until their password was seen once: offer no"
                    + " other mechanism till then (mechanisms of the host)");
        }
        return well && refused == 0;
    }

    /** Whether clients that choose the strongest mechanism they know have a key for it. */
    private static boolean isStrong(String scram) {
        return !scram.contains("mechanism='SCRAM-SHA-1'");
    }

    /** What came of it, in one line. */
    public String summary() {
        return brought + " accounts brought in, " + present + " were there already, " + refused + " refused"
                + (left == 0 ? "" : ", " + left + " parts left out");
    }

    // ---- AccountSink
    // -------------------------------------------------------------------------------------------------

    @Override
    public void begin(Position at, String host, String name, @Nullable String password) throws PortableException {
        current = null;
        BareJid jid;
        try {
            jid = BareJid.of(name, host);
        } catch (JidException e) {
            refuse(at, name + "@" + host + ": " + e.getMessage());
            return;
        }
        try {
            String ticket = administration.beginImport(jid.toString());
            if (ticket == null) {
                present++;
            } else {
                current = new Incoming(at, jid, ticket, password);
            }
        } catch (RefusedException e) {
            failed(at, jid, e);
        }
    }

    @Override
    public void piece(Position at, Element piece) throws PortableException {
        Incoming account = current;
        if (account == null) {
            return;
        }
        String text = new String(Payload.of(piece).bytes(), StandardCharsets.UTF_8);
        if (piece.is(ScramCredentials.NAME)) {
            account.scram.add(text);
            return;
        }
        if (account.pieces.size() == Administration.IMPORT_PIECES
                || !account.pieces.isEmpty() && account.bytes + text.length() > Administration.IMPORT_BYTES) {
            send(account);
        }
        if (current != null) {
            account.pieces.add(text);
            account.positions.add(at);
            account.names.add(piece.name().toString());
            account.bytes += text.length();
        }
    }

    private void send(Incoming account) throws PortableException {
        try {
            List<String> left =
                    administration.importPieces(account.jid.toString(), account.ticket, List.copyOf(account.pieces));
            for (int i = 0; i < account.names.size(); i++) {
                if (left.contains(account.names.get(i))) {
                    note(account.positions.get(i), account.names.get(i));
                }
            }
            account.clear();
        } catch (RefusedPieceException e) {
            if (lenient) {
                leaveOut(e.piece(), account, String.valueOf(e.getMessage()));
            } else {
                failed(account.positions.get(e.piece()), account.jid, e);
            }
        } catch (RefusedException e) {
            failed(account.positions.get(0), account.jid, e);
        }
    }

    /** All pieces of one request are taken, or none: the others are sent again. */
    private void leaveOut(int piece, Incoming account, String why) throws PortableException {
        left++;
        messages.accept(account.positions.get(piece) + ": " + account.jid + ": left out: " + why);
        account.remove(piece);
        if (account.pieces.isEmpty()) {
            account.clear();
        } else {
            send(account);
        }
    }

    @Override
    public void end() throws PortableException {
        Incoming account = current;
        if (account != null && !account.pieces.isEmpty()) {
            send(account);
        }
        if (account == null || current == null) {
            return;
        }
        try {
            String password = account.password;
            if (password == null && account.scram.isEmpty()) {
                password = unguessable();
                messages.accept(account.at + ": " + account.jid
                        + " has no password that can be used here; give it one with user passwd");
            }
            administration.endImport(account.jid.toString(), account.ticket, account.scram, password);
            brought++;
            if (password == null && account.scram.stream().noneMatch(AccountImport::isStrong)) {
                weak++;
            }
            current = null;
        } catch (RefusedException e) {
            failed(account.at, account.jid, e);
        }
    }

    @Override
    public void broken(PortableException why) throws PortableException {
        if (gone != null) {
            throw why;
        }
        refused++;
        messages.accept(String.valueOf(why.getMessage()));
        giveUp(current);
    }

    @Override
    public void unknown(Position at, Name name) {
        note(at, name.toString());
    }

    // ---- parts
    // -------------------------------------------------------------------------------------------------------

    private void note(Position at, String name) {
        Unknown known = unknown.get(name);
        if (known != null || unknown.size() < MAX_UNKNOWN) {
            unknown.put(name, known == null ? new Unknown(at, 1) : new Unknown(known.first(), known.count() + 1));
        }
    }

    /** The account does not come in; those behind it may, unless the server is gone. */
    private void failed(Position at, BareJid jid, RefusedException e) throws PortableException {
        if (e instanceof NoAnswerException none) {
            gone = none;
            throw new PortableException(at, String.valueOf(e.getMessage()));
        }
        String message = String.valueOf(e.getMessage());
        refuse(at, message.startsWith(jid.toString()) ? message : jid + ": " + message);
        giveUp(current);
    }

    private void refuse(Position at, String why) {
        refused++;
        messages.accept(at + ": " + why);
    }

    private void giveUp(@Nullable Incoming up) {
        current = null;
        if (up != null && gone == null) {
            try {
                administration.dropImport(up.jid.toString(), up.ticket);
            } catch (RefusedException e) {
                // It goes when the server starts again, or another of its name begins.
                messages.accept(up.jid + ": " + e.getMessage());
            }
        }
    }

    private static String unguessable() {
        byte[] octets = new byte[24];
        new SecureRandom().nextBytes(octets);
        return HexFormat.of().formatHex(octets);
    }
}
