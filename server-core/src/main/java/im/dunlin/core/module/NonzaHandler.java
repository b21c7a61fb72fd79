// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.module;

import im.dunlin.core.lane.Turn;
import im.dunlin.core.session.ClientSession;
import im.dunlin.core.xml.Element;

/** Handles an element of a bound stream that is no stanza (XEP-0360), on the account's lane. */
@FunctionalInterface
public interface NonzaHandler {
    void handle(Element nonza, ClientSession session, Turn turn);
}
