// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.auth;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * The client's side of SCRAM (RFC 5802), for tests: with or without channel binding, checking the server's signature and
 * its downgrade protection (XEP-0474). What it sends can be spoilt by the test on its way.
 */
public final class ScramClient {
    private final ScramHash hash;
    private final String username;
    private final String password;

    private String flag = "n";
    private byte[] binding = new byte[0];
    private String authzid = "";
    private String nonce = UUID.randomUUID().toString();
    private String serverSignature = "";

    public ScramClient(ScramHash hash, String username, String password) {
        this.hash = hash;
        this.username = username;
        this.password = password;
    }

    /** Binds to the TLS channel, as the -PLUS mechanisms ask. */
    public ScramClient bindingTo(String type, byte[] value) {
        flag = "p=" + type;
        binding = value.clone();
        return this;
    }

    /** Says that it could bind, but believes that the server cannot. */
    public ScramClient believingThatServerCannotBind() {
        flag = "y";
        return this;
    }

    public ScramClient actingAs(String jid) {
        authzid = jid;
        return this;
    }

    public ScramClient withNonce(String chosen) {
        nonce = chosen;
        return this;
    }

    public byte[] clientFirst() {
        return utf8(gs2Header() + clientFirstBare());
    }

    /** Answers server-first. */
    public byte[] clientFinal(byte[] serverFirst) {
        String text = new String(serverFirst, StandardCharsets.UTF_8);
        Map<String, String> attributes = attributes(serverFirst);
        if (!attributes.getOrDefault("r", "").startsWith(nonce)
                || attributes.get("r").length() <= nonce.length()) {
            throw new IllegalStateException("the server's nonce does not continue ours: " + text);
        }
        byte[] salt = Base64.getDecoder().decode(attributes.get("s"));
        byte[] salted = hash.saltedPassword(password, salt, Integer.parseInt(attributes.get("i")));
        ByteArrayOutputStream bindingInput = new ByteArrayOutputStream();
        bindingInput.writeBytes(utf8(gs2Header()));
        bindingInput.writeBytes(binding);
        String withoutProof =
                "c=" + Base64.getEncoder().encodeToString(bindingInput.toByteArray()) + ",r=" + attributes.get("r");
        byte[] authMessage = utf8(clientFirstBare() + "," + text + "," + withoutProof);
        byte[] clientKey = hash.hmac(salted, "Client Key");
        byte[] proof = hash.hmac(hash.hash(clientKey), authMessage);
        for (int i = 0; i < proof.length; i++) {
            proof[i] ^= clientKey[i];
        }
        serverSignature = Base64.getEncoder().encodeToString(hash.hmac(hash.hmac(salted, "Server Key"), authMessage));
        return utf8(withoutProof + ",p=" + Base64.getEncoder().encodeToString(proof));
    }

    /** Whether the data sent with the success proves that the server knows the account. */
    public boolean accepts(byte[] serverFinal) {
        return Arrays.equals(serverFinal, utf8("v=" + serverSignature));
    }

    /**
     * Whether server-first vouches for the lists that this client saw.
     *
     * @param bindingTypes empty if the server announced none
     */
    public boolean sawWhatWasOffered(byte[] serverFirst, List<String> mechanisms, List<String> bindingTypes) {
        String seen = String.join("\u001e", mechanisms.stream().sorted().toList())
                + (bindingTypes.isEmpty()
                        ? ""
                        : "\u001f"
                                + String.join(
                                        "\u001e", bindingTypes.stream().sorted().toList()));
        return Base64.getEncoder()
                .encodeToString(hash.hash(utf8(seen)))
                .equals(attributes(serverFirst).get("h"));
    }

    /** The attributes of a server message by letter. */
    public static Map<String, String> attributes(byte[] message) {
        Map<String, String> attributes = new HashMap<>();
        for (String part : new String(message, StandardCharsets.UTF_8).split(",", -1)) {
            attributes.put(part.substring(0, 1), part.substring(2));
        }
        return attributes;
    }

    private String gs2Header() {
        return flag + "," + (authzid.isEmpty() ? "" : "a=" + escaped(authzid)) + ",";
    }

    private String clientFirstBare() {
        return "n=" + escaped(username) + ",r=" + nonce;
    }

    private static String escaped(String name) {
        return name.replace("=", "=3D").replace(",", "=2C");
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
