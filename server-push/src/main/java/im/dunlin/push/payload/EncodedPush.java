// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.payload;

import java.time.Instant;

/** A notice in the form of one provider. What is in it does not change when it is sent again. */
public sealed interface EncodedPush permits ApnsPush, FcmPush, WebPush, RemotePush {
    NoticeClass noticeClass();

    /** After that nobody need deliver it. */
    Instant expires();
}
