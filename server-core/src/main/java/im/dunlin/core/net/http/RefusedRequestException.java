// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net.http;

import im.dunlin.core.http.HttpResponse;

/** A request that no route gets to see. */
final class RefusedRequestException extends Exception {
    private static final long serialVersionUID = 1;

    private final transient HttpResponse response;

    RefusedRequestException(int status, String sentence) {
        this(HttpResponse.text(status, sentence));
    }

    RefusedRequestException(HttpResponse response) {
        super(null, null, false, false);
        this.response = response;
    }

    HttpResponse response() {
        return response;
    }
}
