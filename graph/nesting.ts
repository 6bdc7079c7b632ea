/** How deep a YAML or JSON text is nested, found without recursion: parsers that recurse run out of stack, and not always in a way that can be caught. */
import { Lexer } from 'yaml';

/** Far more than the levels of a graph. */
export const MOST_NESTING = 200;

/** The line, from 1, where a text is nested deeper than `MOST_NESTING`; undefined when it nowhere is. */
export function tooDeepAt(text: string): number | undefined {
  return couldBeDeep(text) ? lineTooDeep(text) : undefined;
}

/** A cheap upper bound: nesting needs brackets, indicators or indentation. */
function couldBeDeep(text: string): boolean {
  let most = MOST_NESTING;
  for (const _ of text.matchAll(/[[{]|[-?:](?=\s)/g)) if (--most < 0) return true;
  return new RegExp(`^ {${most},}`, 'm').test(text);
}

const NEWLINE = /\n/g;
/** The token after this one is a scalar's text. */
const SCALAR = '\u001f';

function lineTooDeep(text: string): number | undefined {
  let [line, column, flow] = [1, 0, 0];
  let scalar = false;
  /** Columns where the blocks that are open began. */
  const blocks: number[] = [];
  const open = (at: number): void => {
    while (blocks.length > 0 && blocks[blocks.length - 1] >= at) blocks.pop();
    blocks.push(at);
  };
  for (const token of new Lexer().lex(text)) {
    if (token === SCALAR) {
      scalar = true;
      continue;
    }
    if (!scalar) {
      if (token === '[' || token === '{') flow++;
      else if (token === ']' || token === '}') flow--;
      else if (flow === 0 && (token === '-' || token === '?' || token === ':')) open(column);
      if (flow + blocks.length > MOST_NESTING) return line;
    } else if (flow === 0) open(column);
    scalar = false;
    const breaks = token.match(NEWLINE)?.length ?? 0;
    line += breaks;
    column = breaks === 0 ? column + token.length : token.length - 1 - token.lastIndexOf('\n');
  }
  return undefined;
}
