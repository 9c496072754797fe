// Shell completion: words from the program itself, so that it never lists what is not there.
import type { Command } from 'commander';
import { LabError } from '../lib/lab-error.ts';
import { answer, type Answer } from './command.ts';

/** Verbs behind which a file may stand. */
const FILES_AFTER: readonly string[] = ['run', 'series', 'kernel'];

export function completion(program: Command, shell: string): Answer<'completion'> {
  return answer('completion', { shell, script: scriptOf(program, shell) }, scriptOf(program, shell));
}

function scriptOf(program: Command, shell: string): string {
  if (shell !== 'bash') throw new LabError('USAGE', `completion is there for bash, got "${shell}"`, { blame: 'request', stage: 'request' });
  const verbs = program.commands.map((command) => command.name());
  const cases = program.commands.map((command) => {
    const words = new Set([...command.commands.map((sub) => sub.name()), ...[command, ...command.commands].flatMap((one) => one.options.map((option) => option.long ?? '')), '--json', '--help']);
    return `    ${command.name()}) COMPREPLY=($(compgen -W "${[...words].join(' ')}"${FILES_AFTER.includes(command.name()) ? ' -f' : ''} -- "$word")) ;;`;
  });
  return [
    '# Use: source <(npx vlab completion bash)',
    '_vlab() {',
    '  local word=${COMP_WORDS[COMP_CWORD]}',
    `  if [ "$COMP_CWORD" = 1 ]; then COMPREPLY=($(compgen -W "${verbs.join(' ')}" -- "$word")); return; fi`,
    '  case ${COMP_WORDS[1]} in',
    ...cases,
    '  esac',
    '}',
    'complete -F _vlab vlab',
  ].join('\n');
}

