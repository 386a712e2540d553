const SCRATCH = Buffer.allocUnsafeSlow(4096);
const LATIN1 = /^[\0-\xff]*$/;

/**
 * The same text, which keeps nothing else alive: what V8 cuts out of a longer one keeps all of that, here a whole
 * request. For what is kept beyond it.
 */
export function ownText(text: string): string {
  if (text.length > SCRATCH.length || !LATIN1.test(text)) {
    return Buffer.from(text, 'utf16le').toString('utf16le');
  }
  return SCRATCH.toString('latin1', 0, SCRATCH.write(text, 'latin1'));
}
