// The life of an alert, by two people in two browsers, ending at a receiver and a handset.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { air } from "./lib/air.mjs";
import { launch, live } from "./lib/browser.mjs";
import { startCentre } from "./lib/centre.mjs";
import { patiently, receive, start, submit } from "./lib/gateway.mjs";
import { accept, first, invite } from "./lib/people.mjs";
import { draft } from "./lib/screens.mjs";

let centre, gateway, browser, admin, author, approver;

before(async () => {
  centre = await startCentre();
  gateway = await start({ centre });
  browser = await launch();
  const person = async () => browser.newContext();
  admin = await first(gateway, await person());
  const second = await accept(await person(), await invite(gateway, admin, "zweite", ["administrator"], "*"));
  const links = [];
  for (const [name, role] of [["otto", "author"], ["petra", "approver"]]) {
    links.push(await invite(gateway, admin, name, [role], "live"));
    // A role of a live workspace waits for another administrator than who gave it.
    await second.goto(`${gateway.url}/w/lab/users`);
    await second.locator("li", { hasText: `${name} is to be` }).getByRole("button", { name: "Agree" }).click();
  }
  author = await accept(await person(), links[0]);
  approver = await accept(await person(), links[1]);
});

after(async () => {
  await browser?.close();
  await gateway?.stop();
  centre?.stop();
  browser?.quiet();
});

async function sendForApproval(title) {
  const id = await draft(gateway, author, title, { workspace: "live", group: "everyone", area: null });
  await author.getByRole("button", { name: /Send for approval: the public/ }).click();
  await author.waitForURL(new RegExp(`/alerts/${id}$`));
  return id;
}

/** The second person reads it and lets it go. Answers the text that they have read. */
async function approve(id, title) {
  await approver.goto(`${gateway.url}/w/live/approvals`);
  await approver.getByRole("link", { name: title }).click();
  const text = await approver.locator(".handset-text").first().innerText();
  await approver.getByRole("checkbox", { name: /I understand that this will reach hundreds of thousands/ }).check();
  await approver.getByRole("button", { name: "Approve: send it to the public" }).click();
  await approver.waitForURL(new RegExp(`/alerts/${id}$`));
  return text;
}

/** What has arrived is what was read, octet for octet, and the handset shows it. */
async function arrives(receiver, text) {
  const files = await receiver.done;
  assert.equal(files.length, 1, "one object has arrived");
  assert.deepEqual(readFileSync(join(receiver.out, files[0].path)), Buffer.from(text));
  return patiently(`the handset shows ${text}`, () => centre.shown.find((shown) => shown.text === text));
}

test("a live alert needs a second person, arrives, is updated, and can be stopped by one", async () => {
  const before = receive(gateway, "public");
  const id = await sendForApproval("Dam may break");
  const own = await author.request.get(`${gateway.url}/w/live/alerts/${id}/review`);
  assert.equal(own.status(), 403, "an author has no page to approve on");
  const text = await approve(id, "Dam may break");
  assert.match(text, /^Dam may break\. Move to higher ground/);
  const shown = await arrives(before, text);
  await live(approver);
  await approver.getByText("Transmitted on").first().waitFor();

  await author.goto(`${gateway.url}/w/live/alerts/${id}`);
  await author.getByRole("button", { name: "Update: write the next version" }).click();
  await author.locator("#text").fill("Dam has broken. Get out of the valley now.");
  await author.getByRole("button", { name: "Save and count" }).click();
  await author.goto(`${gateway.url}/w/live/alerts/${id}/check`);
  await author.getByRole("button", { name: /Send for approval: the public/ }).click();
  await author.waitForURL(new RegExp(`/alerts/${id}$`));
  assert.deepEqual(centre.shown.map((one) => one.text), [text], "nothing of the update is out before it is approved");
  const second = await approve(id, "Dam may break");
  // Whoever joins once the new version is on the air gets that alone: the earlier one has ended.
  await patiently("the update on a handset", () => centre.shown.some((one) => one.text === second));
  const updated = await arrives(receive(gateway, "public"), second);
  const [code, update] = [shown, updated].map(({ serial }) => Number.parseInt(serial, 16));
  assert.equal(update >> 4, code >> 4, "the same message");
  assert.equal(update & 15, (code & 15) + 1, "the next update of it");

  await stopped(id);
});

/** Stops it by one person, and watches that it is silent from then on. */
async function stopped(id) {
  const heard = await air("239.255.42.2", gateway.multicast);
  await patiently("its carousel", () => heard.tois.length > 0);
  const toi = heard.tois[0];
  await author.goto(`${gateway.url}/w/live/alerts/${id}/stop`);
  await author.getByLabel(/Reason/).fill("Sent by mistake");
  await author.getByRole("button", { name: "Stop broadcasting" }).click();
  await author.waitForURL(new RegExp(`/alerts/${id}$`));
  assert.match(await author.locator("main").innerText(), /Stopped by otto/);
  const told = heard.tois.length;

  await author.locator(".tags .tag", { hasText: "Cancelled" }).first().waitFor();
  const { on_air: onAir } = await patiently("the kill", async () => {
    const state = await centre.state();
    return state.on_air.length === 0 && state;
  });
  assert.deepEqual(onAir, [], "no page of it is on the air");
  assert.ok(centre.requests.some(({ what, status }) => what.startsWith("DELETE") && status < 300), "the centre was asked to kill it");

  // Another push on the channel repeats with the same pause: while it does, the stopped one is silent.
  submit(gateway, { to: "group/air", text: "After the stop" });
  await patiently("repetitions of the next push", () => heard.tois.filter((one) => one > toi).length > 3);
  assert.ok(heard.tois.slice(told).filter((one) => one === toi).length <= 1, "at most the packet that was under way");
  heard.stop();
}

test("what was changed after it was read is not approved", async () => {
  const id = await sendForApproval("Storm tonight");
  await approver.goto(`${gateway.url}/w/live/alerts/${id}/review`);
  await author.goto(`${gateway.url}/w/live/alerts/${id}`);
  await author.getByRole("button", { name: "Take back from the approvers" }).click();
  await author.getByRole("link", { name: "Go on writing" }).click();
  await author.locator("#text").fill("Storm tonight, stay inside.");
  await author.getByRole("button", { name: "Save and count" }).click();
  await author.goto(`${gateway.url}/w/live/alerts/${id}/check`);
  await author.getByRole("button", { name: /Send for approval/ }).click();

  await approver.getByRole("checkbox", { name: /I understand/ }).check();
  await approver.getByRole("button", { name: /Approve/ }).click();
  assert.match(await approver.locator(".error-summary").innerText(), /look at what has changed/);
});

test("a return gives its reason to the author, and who returned it may not write it", async () => {
  const id = await sendForApproval("Heat");
  await approver.goto(`${gateway.url}/w/live/alerts/${id}/review`);
  await approver.getByLabel("Reason").fill("Say how hot");
  await approver.getByRole("button", { name: "Return for edit" }).click();
  await author.goto(`${gateway.url}/w/live/alerts/${id}/message`);
  assert.match(await author.locator(".warning").innerText(), /Returned by petra: Say how hot/);
});

test("the text is counted while it is typed, and curly quotes can be made plain", async () => {
  const id = await draft(gateway, author, "Quotes", { workspace: "live", group: "everyone", area: null });
  await author.goto(`${gateway.url}/w/live/alerts/${id}/message`);
  await live(author);
  await author.locator("#text").fill("Don’t drive");
  assert.match(await author.locator("#text-count").innerText(), /11 characters · UCS2 · 1 of 15 pages/);
  assert.match(await author.locator(".offending").innerText(), /’ \(position 4\)/);
  await author.getByRole("button", { name: "Replace by plain characters", exact: true }).click();
  assert.equal(await author.locator("#text").inputValue(), "Don't drive");
  assert.match(await author.locator("#text-count").innerText(), /GSM 7-bit/);
  assert.equal(await author.locator(".handset-text").innerText(), "Don't drive");
});
