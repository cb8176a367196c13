/** The JavaScript debugger is disabled: one clear message, however often the user tries. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { workspaceFolder } from '../places.ts';
import { page, screenshot } from '../workbench.ts';

const MESSAGES = '.notifications-center .notification-list-item-message';

describe('without the JavaScript debugger', () => {
  it('says once what is missing', async () => {
    assert.equal(vscode.extensions.getExtension('ms-vscode.js-debug'), undefined);
    for (const attempt of ['first', 'second']) {
      assert.equal(await vscode.debug.startDebugging(workspaceFolder(), 'shop'), false, `${attempt} attempt`);
    }
    await vscode.commands.executeCommand('notifications.showList');
    await page?.wait({ selector: MESSAGES, text: 'the built-in extension "JavaScript Debugger" is disabled' });
    await screenshot('no js-debug');
    const messages = await page?.texts(MESSAGES);
    if (messages) assert.equal(messages.length, 1, messages.join('\n'));
  });
});
