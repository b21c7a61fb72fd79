// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.gateway.https;

import java.util.Map;

/**
 * A POST.
 *
 * @param target path and query
 * @param headers besides Host and Content-Length; values are ours and checked
 */
public record HttpsRequest(Origin origin, String target, Map<String, String> headers, byte[] body) {
    public HttpsRequest {
        headers = Map.copyOf(headers);
    }
}
