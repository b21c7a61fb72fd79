// SPDX-License-Identifier: Apache-2.0
// What two people do with the chat of the page at the first argument; screenshots go into the second.
import assert from "node:assert/strict";
import { chromium } from "playwright-core";

const [page, pictures] = process.argv.slice(2);
const PASSWORD = process.env.PASSWORD;
const BODY = "canary7body";

/** A picture of one red point. */
const ROSE = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==",
  "base64",
);

/** Each has a browser of their own: a page behind another one draws nothing. */
const browsers = [];

async function browser() {
  const launched = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
  browsers.push(launched);
  return launched;
}

/** Somebody with a browser of their own, at the page, who has signed in to the chat. */
async function person(name) {
  const context = await (await browser()).newContext({ locale: "en-GB" });
  const tab = await context.newPage();
  tab.setDefaultTimeout(30_000);
  const refused = [];
  tab.on("console", (line) => {
    if (/Content Security Policy/.test(line.text())) refused.push(line.text());
  });
  const outside = [];
  tab.on("request", (request) => {
    if (new URL(request.url()).host !== new URL(page).host && !/^(data|blob):/.test(request.url())) outside.push(request.url());
  });
  await tab.goto(page);
  assert.match(await tab.textContent("body"), /NAME@localhost/);
  await tab.click("text=Chat in this browser");
  await tab.fill('input[name="jid"]', name);
  await tab.fill('input[name="password"]', PASSWORD);
  await tab.click('converse-login-form input[type="submit"], converse-login-form button[type="submit"]');
  await tab.waitForSelector("converse-user-profile");
  return { name, tab, refused, outside };
}

async function opensChatWith(who, peer) {
  const box = who.tab.locator("converse-chat textarea.chat-textarea");
  // The address is looked at when it changes, by a client that may not be ready yet.
  for (let tries = 0; tries < 60 && (await box.count()) === 0; tries++) {
    await who.tab.evaluate((jid) => {
      location.hash = "";
      location.hash = `#converse/chat?jid=${jid}`;
    }, peer);
    await box.waitFor({ timeout: 1_000 }).catch(() => {});
  }
  await box.waitFor();
}

async function says(who, text) {
  const box = who.tab.locator("textarea.chat-textarea").first();
  await box.fill(text);
  await box.press("Enter");
}

async function reads(who, text) {
  await who.tab.waitForSelector(`converse-chat-message-body:has-text("${text}")`);
}

/** Puts the picture into the own profile, by its dialogue. */
async function showsFace(who) {
  await who.tab.click("converse-user-profile a.show-profile");
  const dialogue = who.tab.locator("converse-profile-modal");
  await dialogue.locator('a[href="#profile-tabpanel"], a#profile-tab').click();
  await dialogue.locator('converse-image-picker input[type="file"]').setInputFiles({
    name: "rose.png",
    mimeType: "image/png",
    buffer: ROSE,
  });
  await dialogue.locator('converse-image-picker svg.avatar image[href^="data:image/"]').waitFor({ state: "attached" });
  await dialogue.locator('#profile-tabpanel [type="submit"]').click();
  await dialogue.locator(".modal.show").waitFor({ state: "detached" });
}

try {
  const juliet = await person("juliet");
  const romeo = await person("romeo");
  console.log("  both are signed in");
  await showsFace(juliet);
  await opensChatWith(juliet, "romeo@localhost");
  await opensChatWith(romeo, "juliet@localhost");
  await says(juliet, `${BODY} O Romeo`);
  await reads(romeo, `${BODY} O Romeo`);
  await says(romeo, `${BODY} I take thee at thy word`);
  await reads(juliet, `${BODY} I take thee at thy word`);
  console.log("  both have read each other");
  await juliet.tab.setInputFiles("converse-chat input.fileupload", {
    name: "rose.png",
    mimeType: "image/png",
    buffer: ROSE,
  });
  await romeo.tab.waitForFunction(
    () => [...document.querySelectorAll("converse-chat img")].some((image) => image.src.includes("/upload/") && image.naturalWidth === 1),
  );
  console.log("  a picture was uploaded and seen");
  await romeo.tab.waitForSelector('converse-chat-message svg.avatar image[href^="data:image/"]', { state: "attached" });
  console.log("  an avatar was set and seen");
  for (const who of [juliet, romeo]) {
    await who.tab.screenshot({ path: `${pictures}/${who.name}.png` });
    assert.deepEqual(who.refused, [], "nothing was refused by the page's policy");
    assert.deepEqual(who.outside, [], "nothing was fetched from elsewhere");
  }
} catch (error) {
  for (const [number, launched] of browsers.entries()) {
    for (const tab of launched.contexts().flatMap((context) => context.pages())) {
      await tab.screenshot({ path: `${pictures}/failed-${number}.png` });
    }
  }
  throw error;
} finally {
  for (const launched of browsers) await launched.close();
}
