// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.module;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.session.ClientSession;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.MessageTraits;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A message on its way through one account, and what the stages have found out about it. Lives for one turn. */
public final class Passage {
    private final Way way;
    private final BareJid account;
    private Message message;
    private MessageTraits traits;
    private @Nullable String archiveId;
    private @Nullable List<ClientSession> addressees;
    private final List<ClientSession> delivered = new ArrayList<>(2);
    private final List<ClientSession> informed = new ArrayList<>(0);
    private boolean stored;
    private boolean noted;

    public Passage(Way way, BareJid account, Message message) {
        this.way = way;
        this.account = account;
        this.message = message;
        this.traits = MessageTraits.of(message);
    }

    public Way way() {
        return way;
    }

    public Message message() {
        return message;
    }

    public MessageTraits traits() {
        return traits;
    }

    /** Through which it passes. */
    public BareJid account() {
        return account;
    }

    /** The bare JID at the other end; the account itself for a message to itself. */
    public BareJid peer() {
        var peer = way == Way.OUTBOUND ? message.to() : message.from();
        return peer == null ? account : peer.bare();
    }

    /** Stage ANNOTATE, and RECORD for the stanza-id: what follows sees the new message. Payload bytes stay shared. */
    public void replace(Message replacement) {
        if (!replacement.payload().equals(message.payload())) {
            traits = MessageTraits.of(replacement);
        }
        message = replacement;
    }

    /** Stage ANNOTATE: it is for these sessions, by their full JIDs, whatever its address and their priorities say. */
    public void addressTo(List<ClientSession> sessions) {
        addressees = sessions;
    }

    /** Whom the message is for, if that is settled; null if its type and address decide. */
    public @Nullable List<ClientSession> addressees() {
        return addressees;
    }

    /** Stage RECORD: the account's archive has it under this id. */
    public void archived(String id) {
        archiveId = Objects.requireNonNull(id, "id");
        stored = true;
    }

    /** Stage RECORD: not archived, and kept until a session takes it. */
    public void held() {
        stored = true;
    }

    /** Stage RECORD: what the message says is kept in another form. It need not be refused for want of sessions, nor wait. */
    public void noted() {
        noted = true;
    }

    /** The id under which this account's archive has the message, or null if it is not archived. */
    public @Nullable String archiveId() {
        return archiveId;
    }

    /** Whether the message is kept for an account without sessions, so that it need not be refused. */
    public boolean isStored() {
        return stored;
    }

    /** Whether the account knows what the message says, although nobody is given it. */
    public boolean isNoted() {
        return noted;
    }

    /** Stage RECORD: this session learns in another way what the message says, and is given neither it nor a copy. */
    public void informed(ClientSession session) {
        informed.add(session);
    }

    public boolean isInformed(ClientSession session) {
        return informed.contains(session);
    }

    /** Stage DELIVER: this session is given the message. */
    public void delivered(ClientSession session) {
        delivered.add(session);
    }

    public List<ClientSession> deliveredTo() {
        return delivered;
    }
}
