// Standard input, whole, where somebody gave - as a source; and no more of it than a source may have.
import { LIMITS } from './limits.ts';
import { refusal } from './refusal.ts';

export async function readStdin(): Promise<Buffer> {
  if (process.stdin.isTTY) throw refusal('NO_STDIN', 'Expected mails on standard input, got a terminal', 'vlab series add - < thread.mbox');
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of process.stdin) {
    const piece = Buffer.from(chunk as Uint8Array);
    bytes += piece.length;
    if (bytes > LIMITS.sourceBytes) throw refusal('TOO_BIG', `Expected at most ${LIMITS.sourceBytes} bytes on standard input, got more`, 'save one thread per file');
    chunks.push(piece);
  }
  return Buffer.concat(chunks);
}
