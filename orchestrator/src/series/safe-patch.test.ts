// What a patch may do. Each refusal here is one that git might have let through, or that it would only find while it is at it.
import { describe, expect, test } from 'vitest';
import { filesBelow } from '../lib/files.ts';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CHECKOUT } from '../../test/parts.ts';
import { LIMITS } from './limits.ts';
import { checkPatch, type PatchProblem } from './safe-patch.ts';

const HUNK = '@@ -1,2 +1,2 @@\n a\n-b\n+c\n';

function git(name: string, extended: string[] = [], { from = `a/${name}`, to = `b/${name}`, hunk = HUNK } = {}): string {
  return [`diff --git a/${name} b/${name}`, ...extended, `--- ${from}`, `+++ ${to}`, hunk].join('\n');
}

function problem(text: string): PatchProblem['code'] | 'fine' {
  const result = checkPatch(text);
  return result.ok ? 'fine' : result.problem.code;
}

describe('what is let through', () => {
  test('every patch of this checkout, with the files that it touches', async () => {
    const folder = join(CHECKOUT, 'kernel-patches');
    const patches = (await filesBelow(folder)).filter((file) => file.endsWith('.patch'));
    expect(patches.length).toBeGreaterThan(8);
    for (const patch of patches) {
      const result = checkPatch(await readFile(join(folder, patch), 'latin1'));
      expect(result.ok ? result.files.filter((file) => !/^[a-z][\w./-]+$/i.test(file)) : result.problem, patch).toEqual([]);
    }
  });

  test('a change, a new file, one that goes, a rename, a copy, a mode', () => {
    const patch = [
      git('x/a.c', ['index 1..2 100644']), git('x/new.c', ['new file mode 100755', 'index 0..2'], { from: '/dev/null', hunk: '@@ -0,0 +1 @@\n+c\n' }),
      git('x/gone.c', ['deleted file mode 100644', 'index 1..0'], { to: '/dev/null', hunk: '@@ -1 +0,0 @@\n-c\n' }),
      'diff --git a/x/old.c b/y/new.c\nsimilarity index 100%\nrename from x/old.c\nrename to y/new.c\n', 'diff --git a/x/b.sh b/x/b.sh\nold mode 100644\nnew mode 100755\n',
    ].join('');
    expect(checkPatch(`---\n x/a.c | 2 +-\n\n${patch}-- \n2.47\n`)).toMatchObject({ ok: true, files: ['x/a.c', 'x/b.sh', 'x/gone.c', 'x/new.c', 'x/old.c', 'y/new.c'] });
  });

  test('a diff without git\'s headers, with dates behind the names', () => {
    expect(checkPatch(`--- linux-6.12/x/a.c\t2026-01-01\n+++ linux/x/a.c\t2026-01-02\n${HUNK}`)).toMatchObject({ ok: true, files: ['x/a.c'] });
  });

  test('lines of a hunk that look like headers are lines of a hunk', () => {
    const hunk = '@@ -1,3 +1,3 @@\n--- a/../../etc/passwd\n+++ b/../../etc/passwd\n diff --git a/.git/config b/.git/config\n x\n';
    expect(problem(git('x/a.c', [], { hunk }))).toBe('fine');
  });

  test('what a mailer put behind it is not part of it', () => {
    const patch = git('x/a.c');
    const result = checkPatch(`${patch}-- \n2.47.3\n\n_______\nlist mailing list\n`);
    expect(result.ok && result.lines).toBe(patch.split('\n').length - 1);
  });
});

describe('paths outside the tree', () => {
  test.each([
    '../../etc/passwd', 'x/../../y', 'x/..', './x', 'x//y', '.git/config', 'x/.git/hooks/post-checkout', '.GIT/config', 'git~1/config', '-rf', 'x/-rf', 'x y', 'x\ty', '"x"', 'x\\y', 'x\u00e4', 'x\u007f', 'x:y', 'x*',
  ])('%j', (name) => {
    expect(problem(git(name))).toBe('OUTSIDE');
    expect(problem(`--- a/${name}\n+++ b/${name}\n${HUNK}`)).toMatch(name === 'x\ty' ? /fine/ : /OUTSIDE/);
  });

  test.each(['/etc/passwd', '//etc/passwd', 'passwd', '/dev/nullx', ''])('%j, whole, where the first part is taken off', (name) => {
    expect(problem(`--- a/x.c\n+++ ${name}\n${HUNK}`)).toBe('OUTSIDE');
  });

  test.each(['rename from', 'rename to', 'rename old', 'rename new', 'copy from', 'copy to'])('%s', (words) => {
    for (const name of ['../../etc/passwd', '/etc/passwd', '.git/config', '"../x"']) expect(problem(`diff --git a/x b/x\n${words} ${name}\n`)).toBe('OUTSIDE');
  });

  test('names that are quoted, or that have a blank, which have two readings', () => {
    expect(problem(`diff --git "a/\\056\\056/x" "b/\\056\\056/x"\n`)).toBe('OUTSIDE');
    expect(problem('diff --git a/x b/y b/x b/y\nnew file mode 100644\n')).toBe('OUTSIDE');
  });

  test('an outside name in the second file of a patch', () => { expect(problem(`${git('x/a.c')}${git('../b.c')}`)).toBe('OUTSIDE'); });
});

describe('what is no plain file', () => {
  test.each(['120000', '160000', '040000', '104755', '102755', '100777', '0120000', ' 120000', '100644 120000', ''])('mode %j', (mode) => {
    for (const words of ['new file mode', 'deleted file mode', 'old mode', 'new mode']) expect(problem(`diff --git a/x b/x\n${words} ${mode}\n`)).toBe('MODE');
    expect(problem(git('x', [`index 1..2 ${mode}`]))).toBe('MODE');
  });

  test('a link is called one', () => {
    const result = checkPatch('diff --git a/x b/x\nnew file mode 120000\n');
    expect(result.ok ? '' : result.problem.why).toContain('symbolic link');
  });
});

describe('what is no text', () => {
  test.each([
    'diff --git a/x b/x\nindex 1..2 100644\nGIT binary patch\nliteral 3\nKcmZQz\n', 'diff --git a/x b/x\nBinary files a/x and b/x differ\n',
    `${git('x')}GIT binary patch\nliteral 3\n`, 'Binary files a/x and b/x differ\n', 'Files a/x and b/x differ\n',
  ])('%j', (text) => { expect(problem(text)).toBe('BINARY'); });

  test('a NUL byte, by its line', () => {
    expect(checkPatch(git('x', [], { hunk: '@@ -1 +1 @@\n-a\n+\0\n' }))).toMatchObject({ ok: false, problem: { code: 'NUL', line: 6 } });
  });
});

describe('limits', () => {
  test('bytes', () => { expect(problem(`${git('x')}${'x'.repeat(LIMITS.patchBytes)}`)).toBe('TOO_BIG'); });

  test('files', () => {
    expect(problem(Array.from({ length: LIMITS.filesPerPatch + 1 }, (_, n) => git(`x/${n}.c`)).join(''))).toBe('TOO_MANY_FILES');
    expect(problem(Array.from({ length: LIMITS.filesPerPatch }, (_, n) => git(`x/${n}.c`)).join(''))).toBe('fine');
  });
});

describe('what git would read otherwise than it looks', () => {
  test.each([
    ['a hunk without a file', HUNK], ['a hunk behind all of its file', `${git('x')}junk\n${HUNK}`], ['a hunk that ends early', git('x', [], { hunk: '@@ -1,9 +1,9 @@\n a\n' })],
    ['a line in a hunk that is none', git('x', [], { hunk: '@@ -1,2 +1,2 @@\n a\nFrom x Thu Jan  1 00:00:00 1970\n-b\n+c\n' })],
    ['more lines than the hunk says', git('x', [], { hunk: '@@ -1,1 +1,2 @@\n-a\n b\n+c\n' })], ['no hunk at all', 'diff --git a/x b/x\n--- a/x\n+++ b/x\n'],
    ['only the second name', 'diff --git a/x b/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n'], ['nothing on both sides', `--- /dev/null\n+++ /dev/null\n${HUNK}`],
    ['a hunk\'s header that is none', git('x', [], { hunk: '@@ -1,2 +a @@\n a\n' })],
  ])('%s', (_, text) => { expect(problem(text)).toBe('MALFORMED'); });

  test('nothing', () => { expect([problem(''), problem('hello\n---\n x | 2 +-\n')]).toEqual(['EMPTY', 'EMPTY']); });
});

test('whatever it is given, it decides, and decides the same twice', () => {
  const pieces = ['diff --git a/x b/x\n', '--- a/x\n', '+++ b/x\n', '@@ -1,2 +1,2 @@\n', ' a\n', '-b\n', '+c\n', '\n', 'index 1..2 120000\n', 'new file mode 100644\n', 'rename to ../y\n', '\\ No newline at end of file\n', '\0', '\r\n', 'GIT binary patch\n', '--- \n', '@@ -', 'From a\n'];
  let seed = 7;
  const random = (below: number): number => (seed = (seed * 1103515245 + 12345) % 2147483648) % below;
  for (let round = 0; round < 5000; round++) {
    const text = Array.from({ length: random(14) }, () => pieces[random(pieces.length)] ?? '').join('');
    const result = checkPatch(text);
    expect(checkPatch(text)).toEqual(result);
    if (result.ok) expect([text.includes('\0'), text.includes('GIT binary'), result.files.filter((file) => file !== 'x')]).toEqual([false, false, []]);
  }
});
