// Tables and figures as plain text that fits a terminal. Knows no run.

/** Columns as wide as their longest cell, the last one cut to fit `width` characters. */
export function table(rows: readonly (readonly string[])[], width = 100): string {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => {
    const line = row.map((cell, column) => (column === columns - 1 ? cell : cell.padEnd(widths[column] ?? 0))).join('  ').trimEnd();
    return line.length > width ? `${line.slice(0, width - 3)}...` : line;
  }).join('\n');
}

export function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${String(seconds)} s`;
  return `${String(Math.floor(seconds / 60))} min ${String(seconds % 60).padStart(2, '0')} s`;
}

/** What follows a kernel's name: `perf` goes without saying. */
export function sayFlavour(flavour: string): string {
  return flavour === 'perf' ? '' : `, ${flavour}`;
}

export function counted(count: number, what: string): string {
  return `${String(count)} ${what}${count === 1 ? '' : 's'}`;
}

export function bytes(count: number): string {
  if (count >= 1e9) return `${(count / 1e9).toFixed(1)} GB`;
  if (count >= 1e6) return `${(count / 1e6).toFixed(1)} MB`;
  return `${String(Math.ceil(count / 1000))} kB`;
}

/** Control characters of a hostile line, made visible: a guest must not drive the terminal. */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, (one) => `\\x${one.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

/** Words wrapped at `width`, every line after the first indented. */
export function wrap(text: string, width: number, indent: string): string {
  return text.split('\n').map((line) => {
    const out: string[] = [];
    let current = '';
    for (const word of line.split(' ').flatMap((one) => one.match(new RegExp(`.{1,${String(width)}}`, 'gu')) ?? [''])) {
      if (current !== '' && current.length + word.length + 1 > width) {
        out.push(current);
        current = word;
      } else {
        current = current === '' ? word : `${current} ${word}`;
      }
    }
    out.push(current);
    return out.join(`\n${indent}`);
  }).join(`\n${indent}`);
}
