// Draws media/icon.png, the marketplace icon, from media/marketplace.svg with the installed Chromium.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const media = fileURLToPath(new URL('../media/', import.meta.url));
const size = 256;
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
});
const page = await browser.newPage({ viewport: { width: size, height: size } });
await page.setContent(`<style>body { margin: 0 }</style>${readFileSync(`${media}marketplace.svg`, 'utf8')}`);
await page.screenshot({ path: `${media}icon.png`, omitBackground: true });
await browser.close();
