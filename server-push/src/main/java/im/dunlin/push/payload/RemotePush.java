// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.payload;

import im.dunlin.core.xml.Element;
import java.time.Instant;

/**
 * A notice for a push service elsewhere (XEP-0357).
 *
 * @param notification what the published item holds
 * @param expires after that it is not worth publishing
 */
public record RemotePush(Element notification, Instant expires) {}
