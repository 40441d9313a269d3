import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Command } from 'commander';
import { describeSettings } from '../config/index.ts';
import { buildProgram } from './index.ts';

const program = buildProgram(async () => undefined);

describe('--help', () => {
  it('of serve lists every setting with its default and variable', () => {
    const serve = program.commands.find((command) => command.name() === 'serve');
    const help = helpOf(serve ?? program).replaceAll(/\s+/g, ' ');
    for (const { flag, fallback, variable } of describeSettings()) {
      assert.ok(help.includes(`${flag} <value>`), flag);
      assert.ok(help.includes(`default: ${fallback}; ${variable})`), variable);
    }
  });

  it('of every command has an example', () => {
    const commands = leavesOf(program);
    assert.ok(commands.length > 20);
    for (const command of commands) {
      const names =
        command.parent === program ? command.name() : `${command.parent?.name()} ${command.name()}`;
      assert.match(helpOf(command), new RegExp(`\nExamples?:\n {2}\\$ rowhook ${names}\\b`));
    }
  });

  it('tells the exit codes', () => {
    assert.match(helpOf(program), /Exit codes: 0 done; 1 failed; 2 wrong usage\./);
  });
});

it('--version is that of the package', () => {
  assert.match(program.version() ?? '', /^\d+\.\d+\.\d+$/);
});

function helpOf(command: Command): string {
  const help: string[] = [];
  command.configureOutput({ writeOut: (text) => help.push(text) }).outputHelp();
  return help.join('');
}

/** The commands that do something, and are not only a name for others. */
function leavesOf(command: Command): Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leavesOf);
}
