// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.control;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an administrator may ask of a server, running or not. Addresses come as they were typed; each method may wait for
 * the disk and refuses with a sentence meant for the administrator.
 */
public interface Administration extends AutoCloseable {
    void addUser(String jid, String password) throws RefusedException;

    void setPassword(String jid, String password) throws RefusedException;

    /** Ends the account's sessions and takes back what its devices log in with instead of the password. */
    void logOut(String jid) throws RefusedException;

    /** Ends the account's sessions and erases all that it has. */
    void removeUser(String jid) throws RefusedException;

    /**
     * Bare JIDs after {@code after} in their order, at most {@link #PAGE} of them.
     *
     * @param host only this domain, or {@code null} for all
     * @param after the last one of the page before, or {@code null} for the first page
     */
    List<String> listUsers(@Nullable String host, @Nullable String after) throws RefusedException;

    /** What there is to know about an account, as name and value in the order of printing. */
    Map<String, String> showUser(String jid) throws RefusedException;

    /**
     * Makes an invitation.
     *
     * @param by an account, whose contact whoever uses it becomes, and may make an account for it; or a host, at which whoever
     *     uses it makes an account
     * @param name the only one under which one may register, by an invitation of a host; null for any
     * @return links and their end, as name and value in the order of printing
     */
    Map<String, String> invite(String by, @Nullable String name) throws RefusedException;

    /** The invitations of a host and of its users, one a line, whose first word is what {@link #takeInvitationBack} takes. */
    List<String> invitations(String host) throws RefusedException;

    /** Takes back an invitation that nobody has used. */
    void takeInvitationBack(String host, String id) throws RefusedException;

    /**
     * What users have reported, one report a line, the newest first; at most {@link #PAGE} of them.
     *
     * @param host only of users of this domain; null for all
     */
    List<String> reports(@Nullable String host) throws RefusedException;

    /** Uptime, sessions, store, as name and value in the order of printing. */
    Map<String, String> status() throws RefusedException;

    /** The devices of an account that can be woken, and how that fares, one fact a line. */
    List<String> pushDevices(String jid) throws RefusedException;

    /**
     * What became of an event for each device that it concerned, one step a line.
     *
     * @param event archive id of a message, or session id of a call
     */
    List<String> explainPush(String event) throws RefusedException;

    /**
     * Copies everything the server keeps, as it is at one moment, while it serves.
     *
     * @param directory absolute; does not exist, or is empty
     */
    void backup(Path directory) throws RefusedException;

    /**
     * Whether all that is kept of an account's conversations agrees.
     *
     * @return what does not, one a line
     */
    List<String> checkUser(String jid) throws RefusedException;

    /**
     * Appends the {@code <user/>} of an account (XEP-0227) to a file.
     *
     * @param file absolute; is there
     */
    void exportUser(String jid, Path file) throws RefusedException;

    /**
     * Begins to bring in an account, which is nobody's until {@link #endImport}.
     *
     * @return a ticket for the other methods; null if there is such an account already
     */
    @Nullable
    String beginImport(String jid) throws RefusedException;

    /**
     * Brings in a part of an account; all of it or nothing.
     *
     * @param pieces canonical elements, at most {@link #IMPORT_PIECES}, and {@link #IMPORT_BYTES} together unless it is one
     * @return names of elements that are not known here, and are left out
     */
    List<String> importPieces(String jid, String ticket, List<String> pieces) throws RefusedException;

    /**
     * The account is there with all that it has.
     *
     * @param scram what its password is checked against (XEP-0227 §4.3), as canonical elements
     * @param password in plain, which is better than that; null if it is not known
     */
    void endImport(String jid, String ticket, List<String> scram, @Nullable String password) throws RefusedException;

    /** Gives up what was begun. */
    void dropImport(String jid, String ticket) throws RefusedException;

    /** Pieces in one {@link #importPieces}. */
    int IMPORT_PIECES = 200;

    /** Bytes of these together. */
    int IMPORT_BYTES = 512 << 10;

    /** Accounts in one answer of {@link #listUsers}. */
    int PAGE = 500;

    @Override
    void close();
}
