// A command that a person may type, and a button that copies it.
import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';

export function CopyButton({ text, what }: { text: string; what: string }): VNode {
  const [said, setSaid] = useState('');
  useEffect(() => {
    if (said === '') return undefined;
    const timer = setTimeout(() => { setSaid(''); }, 2500);
    return () => { clearTimeout(timer); };
  }, [said]);
  const copy = (): void => {
    void copied(text).then((done) => { setSaid(done ? 'copied' : 'select it and copy by hand'); }).catch(() => { setSaid('select it and copy by hand'); });
  };
  return <button type="button" class="small" onClick={copy} {...(said === '' ? { 'aria-label': `copy ${what}` } : {})}>{said === '' ? 'copy' : said}<span class="unseen" role="status">{said}</span></button>;
}

export function Command({ command, what }: { command: string; what?: string }): VNode {
  return <div class="command"><code>{command}</code><CopyButton text={command} what={what ?? command} /></div>;
}

/** The clipboard wants https or localhost. Elsewhere an old way is left. */
async function copied(text: string): Promise<boolean> {
  if (isSecureContext) {
    await navigator.clipboard.writeText(text);
    return true;
  }
  const field = document.createElement('textarea');
  field.value = text;
  field.className = 'unseen';
  document.body.append(field);
  field.select();
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- the only way there is on plain http
  const done = document.execCommand('copy');
  field.remove();
  return done;
}
