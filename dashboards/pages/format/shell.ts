// A command line as a person may paste it. Pure.

const PLAIN = /^[A-Za-z0-9_@%+=:,./-]+$/;

/** Quoted where a shell would take it for something else. Options begin a new line where `between` has one. */
export function shellLine(argv: readonly string[], between = ' '): string {
  return argv.map((word, at) => `${at === 0 ? '' : word.startsWith('-') ? between : ' '}${quoted(word)}`).join('');
}

export function quoted(word: string): string {
  return PLAIN.test(word) ? word : `'${word.replaceAll('\'', '\'\\\'\'')}'`;
}
