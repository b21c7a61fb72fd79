// SPDX-License-Identifier: Apache-2.0
// Signs people in to the host whose page this is, over WebSocket.
import "/chat/dist/converse.min.js";

/** In place of the client's own, which fetches pictures from another site. */
class Footer extends HTMLElement {
  connectedCallback() {
    this.innerHTML = `<p class="text-center subdued">
      <a href="https://conversejs.org" target="_blank" rel="noopener noreferrer">Converse.js</a>
      (<a href="/chat/LICENSE" target="_blank">MPL-2.0</a>)</p>`;
  }
}
customElements.define("converse-footer", Footer);

const scheme = location.protocol === "https:" ? "wss:" : "ws:";
window.converse.initialize({
  allow_non_roster_messaging: true,
  allow_registration: false,
  assets_path: "/chat/dist",
  authentication: "login",
  auto_reconnect: true,
  // Its library is not part of this page.
  blacklisted_plugins: ["converse-omemo", "converse-omemo-views"],
  discover_connection_methods: false,
  locked_domain: document.body.dataset.host,
  view_mode: "fullscreen",
  websocket_url: `${scheme}//${location.host}/ws`,
});
