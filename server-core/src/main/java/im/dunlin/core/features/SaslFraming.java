// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.features;

import im.dunlin.core.auth.SaslCondition;
import im.dunlin.core.auth.SaslStep;
import im.dunlin.core.stream.Negotiation;
import im.dunlin.core.stream.StreamFeature.Step;
import im.dunlin.core.xml.Element;

/** One of the two ways in which a SASL exchange is written into a stream. On the event loop. */
interface SaslFraming {
    Element challenge(byte[] data);

    /** @param text for people; may be empty */
    Element failure(SaslCondition condition, String text);

    /** Has a proof judged, and goes on in the same turn with what the peer asked for beside. */
    void judge(Negotiation stream, SaslStep.NeedTurn need);

    /** The peer has proven who it is. */
    Step succeeded(Negotiation stream, SaslStep.Success success);
}
