// Attacks on the console, each named after its row in the README.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { complaints, launch } from "./lib/browser.mjs";
import { start, submit } from "./lib/gateway.mjs";
import { PASSWORD, accept, first, invite, signIn } from "./lib/people.mjs";
import { draft } from "./lib/screens.mjs";

let gateway, browser, context, page;

before(async () => {
  gateway = await start({ undo: 5 });
  browser = await launch();
  context = await browser.newContext();
  page = await first(gateway, context);
});

after(async () => {
  await browser?.close();
  await gateway?.stop();
  browser?.quiet();
});

const XSS = `<img src=x onerror="document.body.dataset.owned='yes'"><script>document.body.dataset.owned='yes'</script>`;

test("row 28: nothing that people or initiators write runs", async () => {
  const found = complaints(page);
  submit(gateway, { id: `=HYPERLINK("http://evil")`, text: XSS });
  submit(gateway, { id: `id-${XSS}`, text: XSS });
  const id = await draft(gateway, page, XSS);
  const group = "<img src=x onerror=document.body.dataset.owned='yes'>";
  await page.goto(`${gateway.url}/w/lab/groups/new`);
  await page.getByLabel("Name").fill(group);
  await page.getByLabel("Channels in order").fill("lab");
  await page.getByRole("button", { name: "Store the group" }).click();
  await page.waitForURL(/saved/);
  const paths = ["", "/submissions?tab=all", "/groups", `/alerts/${id}`, `/alerts/${id}/check`, `/alerts/${id}/audience`, "/audit", `/submissions?tab=all&text=${encodeURIComponent(XSS)}`];
  for (const path of paths) {
    await page.goto(`${gateway.url}/w/lab${path}`);
    assert.equal(await page.evaluate(() => document.body.dataset.owned), undefined, path);
  }
  await page.goto(`${gateway.url}/w/lab/submissions?tab=all`);
  await page.getByRole("link", { name: "id-" }).click();
  await page.getByRole("link", { name: "Message", exact: true }).click();
  assert.match(await page.locator(".handset-text").innerText(), /<script>/);
  assert.equal(await page.evaluate(() => document.body.dataset.owned), undefined);
  assert.deepEqual(found.filter((complaint) => /Content Security|Refused/.test(complaint)), []);
  const csv = await page.request.get(`${gateway.url}/w/lab/submissions.csv?tab=all`);
  assert.match(await csv.text(), /"'=HYPERLINK\(""http:\/\/evil""\)"/);
});

test("row 28: a script that is not ours does not run even where it got into a page", async () => {
  await page.goto(`${gateway.url}/w/lab`);
  const ran = await page.evaluate(() => {
    const script = document.createElement("script");
    script.textContent = "document.body.dataset.owned = 'yes'";
    document.body.append(script);
    const button = document.createElement("button");
    button.setAttribute("onclick", "document.body.dataset.owned = 'yes'");
    document.body.append(button);
    button.click();
    return document.body.dataset.owned;
  });
  assert.equal(ran, undefined);
});

test("row 29: another site's form does nothing", async () => {
  const html = `<form method="post" action="${gateway.url}/w/lab/groups"><input name="name" value="evil"><input name="channels" value="lab"></form><script>document.forms[0].submit()</script>`;
  const evil = createServer((_, answer) => answer.setHeader("content-type", "text/html").end(html));
  await new Promise((resolve) => evil.listen(0, "127.0.0.1", resolve));
  const other = await context.newPage();
  const answered = other.waitForResponse((answer) => answer.url().startsWith(gateway.url));
  await other.goto(`http://localhost:${evil.address().port}/`);
  assert.ok([401, 403].includes((await answered).status()));
  await page.goto(`${gateway.url}/w/lab/groups?text=evil`);
  assert.match(await page.locator("main").innerText(), /No group has that in its name/);
  await other.close();
  evil.close();
});

test("row 30: no other page frames ours, and none is kept", async () => {
  const html = `<iframe src="${gateway.url}/w/lab"></iframe>`;
  const evil = createServer((_, answer) => answer.setHeader("content-type", "text/html").end(html));
  await new Promise((resolve) => evil.listen(0, "127.0.0.1", resolve));
  const other = await context.newPage();
  const refused = [];
  other.on("console", (message) => refused.push(message.text()));
  await other.goto(`http://127.0.0.1:${evil.address().port}/`);
  const framed = await other.frames()[1]?.locator("body").innerText().catch(() => "");
  assert.doesNotMatch(framed ?? "", /Overview/);
  const answer = await page.request.get(`${gateway.url}/w/lab`);
  assert.equal(answer.headers()["cache-control"], "no-store");
  assert.equal(answer.headers()["x-content-type-options"], "nosniff");
  await other.close();
  evil.close();
});

test("row 31: a session has a new name at each sign-in, ends when told, and is no use to scripts", async () => {
  const visitor = await browser.newContext();
  await visitor.addCookies([{ name: "pushcast", value: "f".repeat(64), url: gateway.url }]);
  const tab = await visitor.newPage();
  await tab.goto(`${gateway.url}/w/lab`);
  await signIn(tab, "anna");
  await tab.waitForURL(/\/w\/lab$/);
  const [cookie] = (await visitor.cookies()).filter(({ name }) => name === "pushcast");
  assert.notEqual(cookie.value, "f".repeat(64));
  assert.equal(cookie.httpOnly, true);
  assert.equal(cookie.sameSite, "Lax");
  assert.equal(await tab.evaluate(() => document.cookie), "");
  await tab.getByRole("button", { name: "Sign out" }).click();
  await tab.waitForURL(/sign-in/);
  const stolen = await browser.newContext();
  await stolen.addCookies([cookie]);
  const answer = await (await stolen.newPage()).goto(`${gateway.url}/w/lab`);
  assert.equal(answer.status(), 401);
  await visitor.close();
  await stolen.close();
});

test("row 31: a password that is guessed is slowed down, and a name is not given away", async () => {
  const visitor = await browser.newContext();
  const tab = await visitor.newPage();
  const tried = async (name) => {
    await tab.goto(`${gateway.url}/sign-in`);
    await signIn(tab, name, "wrong wrong wrong");
    return tab.locator(".error-summary").innerText();
  };
  assert.equal(await tried("guessed"), await tried("nobody-here"));
  let said = "";
  for (let attempt = 0; attempt < 12 && !/Too many/.test(said); attempt += 1) said = await tried("guessed");
  assert.match(said, /Too many attempts/);
  await visitor.close();
});

test("row 32: what belongs to another workspace is not there", async () => {
  const id = await draft(gateway, page, "Of the lab");
  const link = await invite(gateway, page, "fremd", ["viewer"], "live");
  const stranger = await accept(await browser.newContext(), link);
  for (const path of [`/w/lab/alerts/${id}`, `/w/live/alerts/${id}`, `/w/live/alerts/${id}/review`]) {
    const answer = await stranger.request.get(gateway.url + path);
    assert.ok([403, 404].includes(answer.status()), `${path}: ${answer.status()}`);
    assert.doesNotMatch(await answer.text(), /Of the lab/);
  }
  await stranger.context().close();
});

test("row 33: live and test never look the same, and there is time to think again", async () => {
  await page.goto(`${gateway.url}/w/lab`);
  assert.match(await page.locator(".mode-banner").innerText(), /TEST/);
  const id = await draft(gateway, page, "Undone in time");
  assert.match(await page.getByRole("button", { name: /Send/ }).innerText(), /Send the test for approval/);
  await page.getByRole("button", { name: "Send the test for approval" }).click();
  await page.goto(`${gateway.url}/w/lab/alerts/${id}/review`);
  await page.getByRole("checkbox", { name: /in this test workspace/ }).check();
  await page.getByRole("button", { name: "Approve the test" }).click();
  assert.match(await page.locator("main").innerText(), /Nothing has left yet/);
  await page.getByRole("link", { name: "Cancel before it is sent" }).click();
  await page.getByRole("button", { name: "Cancel before it is sent" }).click();
  await page.waitForURL(new RegExp(`/alerts/${id}$`));
  await page.goto(`${gateway.url}/w/lab/submissions?tab=all`);
  await page.getByRole("link", { name: "Undone in time" }).first().click();
  await page.waitForFunction(() => /Cancelled|Withdrawn/.test(document.body.innerText));
  assert.doesNotMatch(await page.locator("main").innerText(), /first packet left/);
});

test("row 34: an upload is cut off at its limit while it arrives", async () => {
  await page.goto(`${gateway.url}/w/lab/groups`);
  const token = await page.locator("form[action$='/groups/upload'] input[name=token]").getAttribute("value");
  const cookies = (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join("; ");
  const part = (name, more = "") => `--b\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n`;
  let sent = 0;
  const endless = new ReadableStream({
    start: (to) => to.enqueue(new TextEncoder().encode(`${part("token")}${token}\r\n${part("file", '; filename="a.csv"')}name,channels\n`)),
    pull: (to) => {
      const octets = new TextEncoder().encode("group,lab\n".repeat(10_000));
      sent += octets.length;
      if (sent > 200 << 20) to.error(new Error("200 MiB were taken"));
      else to.enqueue(octets);
    },
  });
  const answer = await fetch(`${gateway.url}/w/lab/groups/upload`, {
    method: "POST",
    body: endless,
    duplex: "half",
    headers: { "content-type": "multipart/form-data; boundary=b", cookie: cookies, origin: gateway.url },
  }).catch((error) => error);
  // Either the answer got through, or the connection was closed on the rest.
  if (answer.status) assert.equal(answer.status, 413);
  assert.ok(sent < 64 << 20, `${sent} octets were taken`);
});

test("row 34: lines that cannot be understood are told one by one", async () => {
  await page.goto(`${gateway.url}/w/lab/groups`);
  const csv = "name,channels\ngood,lab\nbad,nowhere\nlab,lab\n";
  await page.getByLabel("File").setInputFiles({ name: "groups.csv", mimeType: "text/csv", buffer: Buffer.from(csv) });
  await page.getByRole("button", { name: "Upload" }).click();
  const text = await page.locator("main").innerText();
  assert.match(text, /1 new would be stored, 1 there already, 1 not understood/);
  assert.ok(PASSWORD.length > 11);
});
