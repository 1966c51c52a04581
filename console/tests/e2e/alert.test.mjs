// The life of an alert, by two people in two browsers, ending at a receiver.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { launch, live } from "./lib/browser.mjs";
import { receive, start } from "./lib/gateway.mjs";
import { accept, first, invite } from "./lib/people.mjs";
import { draft } from "./lib/screens.mjs";

let gateway, browser, admin, author, approver;

before(async () => {
  gateway = await start();
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
});

async function sendForApproval(title) {
  const id = await draft(gateway, author, title, { workspace: "live", group: "everyone", area: null });
  await author.getByRole("button", { name: /Send for approval: the public/ }).click();
  await author.waitForURL(new RegExp(`/alerts/${id}$`));
  return id;
}

test("a live alert needs a second person, arrives, and can be stopped by one", async () => {
  const receiver = receive(gateway, "public");
  const id = await sendForApproval("Dam may break");

  const own = await author.request.get(`${gateway.url}/w/live/alerts/${id}/review`);
  assert.equal(own.status(), 403, "an author has no page to approve on");

  await approver.goto(`${gateway.url}/w/live/approvals`);
  await approver.getByRole("link", { name: "Dam may break" }).click();
  assert.match(await approver.locator(".handset-text").first().innerText(), /Move to higher ground/);
  await approver.getByRole("checkbox", { name: /I understand that this will reach hundreds of thousands/ }).check();
  await approver.getByRole("button", { name: "Approve: send it to the public" }).click();
  await approver.waitForURL(new RegExp(`/alerts/${id}$`));

  const files = await receiver.done;
  assert.equal(files.length, 1, "one object has arrived");
  const text = readFileSync(join(receiver.out, files[0].path), "utf8");
  assert.match(text, /^Dam may break\. Move to higher ground/);

  await author.goto(`${gateway.url}/w/live/alerts/${id}/stop`);
  await author.getByLabel(/Reason/).fill("Sent by mistake");
  await author.getByRole("button", { name: "Stop broadcasting" }).click();
  await author.waitForURL(new RegExp(`/alerts/${id}$`));
  assert.match(await author.locator("main").innerText(), /Stopped by otto/);
});

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
