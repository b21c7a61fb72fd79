// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.portable;

import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import org.jspecify.annotations.Nullable;

/** Is given accounts as they are read, one after the other. What is read of one that does not end is not to be used. */
public interface AccountSink {
    /**
     * An account begins.
     *
     * @param host the domain, as it is written
     * @param name the localpart, as it is written
     * @param password in plain, where the file has it; null where it does not
     */
    void begin(Position at, String host, String name, @Nullable String password) throws PortableException;

    /** A child of the account, or a piece of one ({@link im.dunlin.core.module.AccountPart}). */
    void piece(Position at, Element piece) throws PortableException;

    void end() throws PortableException;

    /** The account that has begun cannot be read to its end, and another one may follow. */
    default void broken(PortableException why) throws PortableException {
        throw why;
    }

    /** Something that is neither a host nor of an account, and was passed over. */
    void unknown(Position at, Name name);
}
