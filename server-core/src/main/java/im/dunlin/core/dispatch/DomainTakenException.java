// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.dispatch;

/** A service of the server's own has the name of a host or of a component. */
public final class DomainTakenException extends RuntimeException {
    private static final long serialVersionUID = 1;

    DomainTakenException(String domain, String module) {
        super(domain + " is served twice: by the module " + module + ", and as a host or component;"
                + " give that another name, or switch the module off");
    }
}
