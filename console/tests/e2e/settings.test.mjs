// Areas as tables, lines under the map, channels that come and go, wanted languages, the tour, the
// second factor: all of it by plain forms, without script.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, before, test } from "node:test";
import { launch } from "./lib/browser.mjs";
import { start } from "./lib/gateway.mjs";
import { first, PASSWORD, signIn } from "./lib/people.mjs";
import { draft } from "./lib/screens.mjs";

let gateway, browser, context, page;

before(async () => {
  gateway = await start();
  browser = await launch();
  context = await browser.newContext({ javaScriptEnabled: false });
  page = await first(gateway, context);
});

after(async () => {
  await browser?.close();
  await gateway?.stop();
});

const file = (name, text) => ({ name, mimeType: "application/octet-stream", buffer: Buffer.from(text) });
const go = (path) => page.goto(`${gateway.url}/w/lab${path}`);

test("cells of areas are checked, then stored, and come out as they went in", async () => {
  const csv = "area,cell\nvalley,tai:001-01-4660\nvalley,tai:001-01-4660\nvalley,cell 7\nnowhere,plmn\n";
  const upload = async (store) => {
    await go("/areas");
    if (store) await page.getByLabel(/^Store what is new/).check();
    await page.getByLabel("File with cells").setInputFiles(file("cells.csv", csv));
    await page.getByRole("button", { name: "Upload the cells" }).click();
    return page.locator("main").innerText();
  };
  assert.match(await upload(false), /1 new would be stored, 1 there already, 1 not understood, 1 unknown\./);
  assert.match(await upload(true), /1 new stored/);
  await page.getByRole("link", { name: "Back to the areas" }).click();
  const path = await page.getByRole("link", { name: "Download the cells of all areas as CSV" }).getAttribute("href");
  const answer = await context.request.get(gateway.url + path);
  assert.equal(await answer.text(), "area,cell\nvalley,tai:001-01-4660\n");
});

test("lines lie under every map until they are removed", async () => {
  await go("/areas/backdrop");
  const wrong = file("wrong.geojson", '{"type":"LineString","coordinates":[[1,2]]}');
  await page.getByLabel("File").setInputFiles(wrong);
  await page.getByRole("button", { name: "Upload" }).click();
  await page.getByText("A line has at least two places.").first().waitFor();
  const river = file("river.geojson", '{"type":"LineString","coordinates":[[12.1,47.1],[12.7,47.4]]}');
  await page.getByLabel("File").setInputFiles(river);
  await page.getByRole("button", { name: "Upload" }).click();
  await page.waitForURL(/backdrop\?saved/);
  await go("/areas/named/valley");
  await page.getByLabel("Corners").fill("47.05, 12.1\n47.35, 12.2\n47.4, 12.7\n47.1, 12.8");
  await page.getByLabel("People who live there").fill("18000");
  await page.getByRole("button", { name: "Store the area" }).click();
  assert.equal(await page.locator("path.map-backdrop[d^=M]").count(), 2, "on the map, and where one draws");
  assert.match(await page.locator("main").innerText(), /The dashed line is an estimate .* computed from 18\s000 people on \d/);
  await go("/areas/backdrop");
  await page.getByRole("button", { name: "Remove it from every map" }).click();
  await page.getByText("Nothing but land and borders").waitFor();
});

test("a channel comes and goes with the next start", async () => {
  await go("/new-channel");
  await page.getByLabel("Name").fill("spare");
  await page.getByLabel("Multicast group").fill("10.0.0.1");
  await page.getByLabel("UDP port").fill("5600");
  await page.getByLabel("TSI").fill("9");
  await page.getByRole("button", { name: "Store the channel" }).click();
  await page.locator("#group-error").getByText("not a multicast address").waitFor();
  await page.getByLabel("Multicast group").fill("239.255.42.9");
  await page.getByRole("button", { name: "Store the channel" }).click();
  await page.waitForURL(/channels\/spare\?done=created/);
  await page.getByText("It counts from the next start on").waitFor();
  await go("/channels/lab");
  await page.getByText("It cannot be deleted while it is used").waitFor();
  await go("/channels/spare");
  await page.getByRole("button", { name: "Delete the channel" }).click();
  await page.getByText("The channel is deleted.").waitFor();
  assert.equal(await page.getByRole("link", { name: "spare" }).count(), 0);
});

test("a language that the workspace wants is missed", async () => {
  await go("/workspaces/lab");
  await page.getByLabel("Languages that every alert should have").fill("en, cy");
  await page.getByLabel(/^Months after which rights rest/).fill("0");
  await page.getByRole("button", { name: "Store the workspace" }).click();
  await page.locator("#rest_after_months-error").waitFor();
  await page.getByLabel(/^Months after which rights rest/).fill("");
  await page.getByRole("button", { name: "Store the workspace" }).click();
  await draft(gateway, page, "In English alone");
  await page.getByText("cy is missing").waitFor();
});

test("the tour ends with nothing sent", async () => {
  await go("/account");
  await page.getByRole("link", { name: /^Take the tour/ }).click();
  for (const name of ["Go on", "Go on", "Go on", "Approve the example", "Stop the example"]) {
    await page.getByRole("link", { name, exact: true }).click();
  }
  assert.equal(await page.locator("h1").innerText(), "Nothing was sent");
  await page.getByRole("link", { name: "Compose a real test alert" }).click();
  await page.waitForURL(/alerts\/new/);
  const answer = await page.goto(`${gateway.url}/w/live/tour/1`);
  assert.equal(answer.status(), 200);
  assert.equal(await page.locator("h1").innerText(), "The tour is in test workspaces");
});

/** RFC 6238, six digits, thirty seconds. */
function code(secret, at = Date.now()) {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...secret].map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((octet) => parseInt(octet, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)));
  const hash = createHmac("sha1", key).update(counter).digest();
  const number = hash.readUInt32BE(hash[19] & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, "0");
}

test("a second factor is asked for at the sign-in", async () => {
  await go("/account");
  await page.getByRole("button", { name: "Set up a second factor" }).click();
  const secret = (await page.locator("main code").first().innerText()).replaceAll(" ", "");
  await page.getByLabel("The code that the app shows now").fill("000000");
  await page.getByRole("button", { name: "Turn the second factor on" }).click();
  await page.locator("#code-error").waitFor();
  assert.ok(!(await page.content()).includes(secret), "the key is shown once");
  await page.getByLabel("The code that the app shows now").fill(code(secret));
  await page.getByRole("button", { name: "Turn the second factor on" }).click();
  await page.getByText("The second factor is on.").waitFor();
  const recovery = await page.locator("main li code").first().innerText();
  const stranger = await browser.newContext({ javaScriptEnabled: false });
  const other = await stranger.newPage();
  await other.goto(`${gateway.url}/w/lab/groups`);
  await signIn(other, "anna", PASSWORD);
  await other.getByLabel("Code").fill("000000");
  await other.getByRole("button", { name: "Go on" }).click();
  await other.locator("#code-error").waitFor();
  await other.getByLabel("Code").fill(recovery);
  await other.getByRole("button", { name: "Go on" }).click();
  await other.waitForURL(/\/w\/lab\/groups$/);
  await stranger.close();
  await go("/account");
  await page.getByText("9 recovery codes are left").waitFor();
});
