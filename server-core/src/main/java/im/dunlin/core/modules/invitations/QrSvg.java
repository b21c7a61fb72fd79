// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.invitations;

import io.nayuki.qrcodegen.QrCode;

/** QR codes as pictures inside a page. */
final class QrSvg {
    /** The margin without which cameras do not find the code (ISO/IEC 18004 §6.3.8). */
    static final int QUIET = 4;

    private QrSvg() {}

    /** @param text at most some 1,000 characters */
    static String of(String text) {
        QrCode code = QrCode.encodeText(text, QrCode.Ecc.MEDIUM);
        StringBuilder dark = new StringBuilder();
        for (int y = 0; y < code.size; y++) {
            for (int x = 0; x < code.size; x++) {
                if (code.getModule(x, y)) {
                    dark.append('M')
                            .append(x + QUIET)
                            .append(' ')
                            .append(y + QUIET)
                            .append("h1v1h-1z");
                }
            }
        }
        int size = code.size + 2 * QUIET;
        return "<svg viewBox=\"0 0 " + size + " " + size + "\" shape-rendering=\"crispEdges\" role=\"img\""
                + " aria-label=\"QR code of the link\"><rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>"
                + "<path fill=\"#000\" d=\"" + dark + "\"/></svg>";
    }
}
