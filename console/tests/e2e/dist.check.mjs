// The one binary of `cargo xtask dist`, in a folder with nothing else: `cargo xtask dist --check`.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, test } from "node:test";
import { launch, live } from "./lib/browser.mjs";
import { start } from "./lib/gateway.mjs";
import { first } from "./lib/people.mjs";

let gateway, browser, page;

before(async () => {
  gateway = await start({ bundle: false });
  browser = await launch();
  page = await first(gateway, await browser.newContext());
});

after(async () => {
  await browser?.close();
  await gateway?.stop();
  browser?.quiet();
});

test("its pages are live without any file beside it", async () => {
  await page.goto(`${gateway.url}/w/lab`);
  await live(page);
  await page.locator(".live-state", { hasText: "Live" }).waitFor();
});

test("its files are named by what is in them, compressed, kept for ever, and not sent twice", async () => {
  const html = await (await page.request.get(`${gateway.url}/w/lab`)).text();
  const paths = [...new Set(html.match(/\/assets\/[a-z]+-[0-9a-f]{16}\.(?:css|js|wasm)/g))];
  assert.deepEqual(paths.map((path) => path.split(".").pop()).sort(), ["css", "js", "wasm"]);
  for (const path of paths) {
    const plain = await fetch(gateway.url + path, { headers: { "accept-encoding": "identity" } });
    const octets = Buffer.from(await plain.arrayBuffer());
    assert.ok(path.includes(createHash("sha256").update(octets).digest("hex").slice(0, 16)), path);
    const packed = await fetch(gateway.url + path, { headers: { "accept-encoding": "gzip" } });
    assert.equal(packed.headers.get("content-encoding"), "gzip");
    assert.ok(Number(packed.headers.get("content-length")) < octets.length, path);
    assert.deepEqual(Buffer.from(await packed.arrayBuffer()), octets);
    assert.match(packed.headers.get("cache-control"), /immutable/);
    const again = await fetch(gateway.url + path, { headers: { "accept-encoding": "gzip", "if-none-match": packed.headers.get("etag") } });
    assert.equal(again.status, 304);
  }
});
