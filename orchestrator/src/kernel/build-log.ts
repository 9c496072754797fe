// What a failed build says, in words: which patch and which hunk did not apply, which lines the compiler refused. Pure.

export type PatchFailure = { patch: string; file: string; line: number; hunk: string | undefined };

/** Reads the output of build-patched.sh after exit status 10. `texts` maps a patch's file name to its text, to find the hunk. */
export function patchFailure(log: readonly string[], texts: ReadonlyMap<string, string>): PatchFailure | undefined {
  const patch = log.findLast((line) => line.startsWith('vlab-patch: '))?.slice('vlab-patch: '.length);
  if (patch === undefined) return undefined;
  const failed = log.map((line) => /^error: patch failed: (.+):(\d+)$/.exec(line)).find((match) => match !== null);
  const missing = log.map((line) => /^error: (.+): (?:No such file or directory|does not exist in index|does not match index|already exists in (?:working directory|index)|is beyond a symbolic link)$/.exec(line)).find((match) => match !== null);
  const file = failed?.[1] ?? missing?.[1] ?? '';
  const line = Number(failed?.[2] ?? 0);
  return { patch, file, line, hunk: hunkAt(texts.get(patch) ?? '', file, line) };
}

export function sayPatchFailure(failure: PatchFailure, log: readonly string[]): string {
  const said = log.filter((line) => line.startsWith('error: ')).join('\n');
  const where = failure.file === '' ? '' : `: ${failure.file}${failure.line > 0 ? `:${String(failure.line)}` : ''}`;
  return `patch ${failure.patch} does not apply${where}${failure.hunk === undefined ? '' : `, hunk ${failure.hunk}`}\n${said}`;
}

/** The compiler's, linker's and make's own lines, in their order; at most `most` of them. */
export function compilerLines(log: readonly string[], most = 20): string[] {
  const telling = log.filter((line) => /(^|\s)(fatal )?error:|ERROR: modpost|undefined reference|\*\*\* |^ld: |configure: wanted/.test(line));
  return (telling.length > 0 ? telling : log).slice(telling.length > 0 ? 0 : -most).slice(0, most).map((line) => line.slice(0, 1000));
}

/** Whether it was the source that the tools would not take, and not the machine that could not go on. */
export function isRefused(log: readonly string[]): boolean {
  return log.some((line) => /(^|\s)(fatal )?error: |ERROR: modpost|undefined reference|configure: wanted/.test(line)) && !log.some((line) => /No space left on device|Disk quota exceeded|Cannot allocate memory|Resource temporarily unavailable|Input\/output error|Killed|internal compiler error|ccache: error/.test(line));
}

/** The `@@` header of the hunk that begins at `line` of `file`, numbered within its file. A renamed file goes by its old name. */
function hunkAt(text: string, file: string, line: number): string | undefined {
  let inFile = false;
  let count = 0;
  for (const row of text.split('\n')) {
    const header = /^--- (?:[^/]+\/)?(.+?)\s*$/.exec(row);
    if (header) {
      inFile = header[1] === file;
      count = 0;
    }
    const hunk = /^@@ -(\d+)/.exec(row);
    if (hunk === null) continue;
    count++;
    if (inFile && Number(hunk[1]) === line) return `#${String(count)} (${row})`;
  }
  return undefined;
}
