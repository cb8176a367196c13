/** Control channel of the headless VS Code: lets a test inside the extension host read, use and photograph the page. */
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';

const DEFAULT_LIMIT_MS = 15_000;

/** Environment variable with the address, secret included; absent under a desktop VS Code. */
export const CONTROL_VARIABLE = 'ASYNC_LENS_WORKBENCH';

function find(page, { selector, text }) {
  const found = page.locator(selector);
  return text === undefined ? found : found.filter({ hasText: text });
}

/** What a test can ask for; each takes the workbench and the request's fields. */
const operations = {
  screenshot: ({ screenshot }, { name }) => screenshot(name),
  texts: ({ page }, { selector }) => page.locator(selector).allInnerTexts(),
  attributes: ({ page }, { selector, attribute }) =>
    page
      .locator(selector)
      .evaluateAll((all, name) => all.map((element) => element.getAttribute(name) ?? ''), attribute),
  click: ({ page }, { selector, text, timeoutMs = DEFAULT_LIMIT_MS }) =>
    find(page, { selector, text }).first().click({ timeout: timeoutMs }),
  hover: async ({ page }, { selector, text, timeoutMs = DEFAULT_LIMIT_MS }) => {
    // From elsewhere: a pointer that rests on it already does not enter it.
    await page.mouse.move(0, 0);
    await find(page, { selector, text }).first().hover({ timeout: timeoutMs });
  },
  press: ({ page }, { key }) => page.keyboard.press(key),
  wait: ({ page }, { selector, text, timeoutMs = DEFAULT_LIMIT_MS }) =>
    find(page, { selector, text }).first().waitFor({ state: 'visible', timeout: timeoutMs }),
};

async function read(request) {
  let body = '';
  for await (const chunk of request) body += chunk;
  return JSON.parse(body);
}

/** Opens the channel on loopback; `workbench()` gives `{ page, screenshot }` once there is one. */
export async function openControl(workbench) {
  const secret = randomBytes(16).toString('hex');
  const answer = async (request, response) => {
    try {
      if (request.url !== `/${secret}`) throw new Error('wrong address');
      const { operation, ...fields } = await read(request);
      if (!Object.hasOwn(operations, operation)) throw new Error(`unknown operation ${operation}`);
      response.end(JSON.stringify((await operations[operation](workbench(), fields)) ?? null));
    } catch (error) {
      response.statusCode = 500;
      response.end(String(error?.message ?? error));
    }
  };
  const server = createServer((request, response) => void answer(request, response));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${server.address().port}/${secret}`, close };
}
