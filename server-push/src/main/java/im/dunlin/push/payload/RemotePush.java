// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.payload;

import im.dunlin.core.xml.Element;
import java.time.Instant;

/**
 * For a push service elsewhere (XEP-0357).
 *
 * @param notification what the published item holds
 */
public record RemotePush(NoticeClass noticeClass, Element notification, Instant expires) implements EncodedPush {}
