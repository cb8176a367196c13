/** The tree as indented text, for the command line, "copy as text" and tests. */
import type { TreeItem } from '../../protocol/dap.ts';

/** How to emphasise a row's parts, such as colours of a terminal; the parts come without line breaks. */
export interface TextStyle {
  label(text: string, item: TreeItem): string;
  description(text: string): string;
}

const PLAIN: TextStyle = { label: (text) => text, description: (text) => text };

/** One line per row, without a final line break; `style` must not add line breaks. */
export function treeText(items: readonly TreeItem[], style: TextStyle = PLAIN): string {
  const lines: string[] = [];
  for (const item of items) addLines(item, '', '', style, lines);
  return lines.join('\n');
}

function addLines(item: TreeItem, own: string, below: string, style: TextStyle, lines: string[]): void {
  const label = style.label(oneLine(item.label), item);
  const description = oneLine(item.description);
  lines.push(`${own}${label}${description === '' ? '' : `  ${style.description(description)}`}`);
  item.children.forEach((child, index) => {
    const last = index === item.children.length - 1;
    addLines(child, `${below}${last ? '└─ ' : '├─ '}`, `${below}${last ? '   ' : '│  '}`, style, lines);
  });
}

function oneLine(text: string): string {
  return text.replace(/[\r\n\t]+/g, ' ').replace(CONTROL, '');
}

/** Names come from the program under observation and must not drive the terminal. */
const CONTROL = /\p{Cc}/gu;
