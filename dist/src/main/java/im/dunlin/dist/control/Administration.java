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

    /** Uptime, sessions, store, as name and value in the order of printing. */
    Map<String, String> status() throws RefusedException;

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

    /** Accounts in one answer of {@link #listUsers}. */
    int PAGE = 500;

    @Override
    void close();
}
