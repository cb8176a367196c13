/** Shows reports as read-only documents: nothing to save, so that neither closing one nor the next debug session asks for it. */
import * as vscode from 'vscode';
import type { Report } from '../protocol/report.ts';

const SCHEME = 'async-lens-report';

export interface ReportDocuments extends vscode.Disposable {
  /** Opens the report of the program of that name in an editor. */
  show(name: string, report: Report): Promise<void>;
}

/** Registers the documents of reports. */
export function registerReportDocuments(): ReportDocuments {
  const contents = new Map<string, string>();
  let made = 0;
  const subscriptions = vscode.Disposable.from(
    vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
      provideTextDocumentContent: (uri) => contents.get(uri.path),
    }),
    vscode.workspace.onDidCloseTextDocument(({ uri }) => {
      if (uri.scheme === SCHEME) contents.delete(uri.path);
    }),
  );
  return {
    async show(name, report) {
      const path = `/${name.replaceAll(/[\\/]/g, '-')} report ${++made}.json`;
      contents.set(path, `${JSON.stringify(report, null, 2)}\n`);
      const document = await vscode.workspace.openTextDocument(vscode.Uri.from({ scheme: SCHEME, path }));
      await vscode.window.showTextDocument(document, { preview: false });
    },
    dispose() {
      subscriptions.dispose();
    },
  };
}
