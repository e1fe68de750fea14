import { expect, test } from 'vitest'
import { COMMANDS } from './commands.ts'
import { renderHelp, renderOverview, renderReference } from './help.ts'
import { parseArguments } from './parse-arguments.ts'

/** The words of a command line as a shell gives them: double quotes keep spaces together. */
function shellWords(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|\S+/g)].map(([word, quoted]) => quoted ?? word)
}

test('the overview names every command', () => {
  const text = renderOverview(COMMANDS, '1.2.3')
  for (const { name, summary } of COMMANDS) {
    expect(text).toContain(`  ${name}`)
    expect(text).toContain(summary)
  }
})

test.each(COMMANDS)('the help of $name shows every option and fits 100 columns', (command) => {
  const text = renderHelp(command)
  for (const { name } of command.options) expect(text).toContain(`--${name}`)
  expect(
    Math.max(
      ...text
        .split('\n')
        .filter((line) => !line.startsWith('  npx'))
        .map(({ length }) => length),
    ),
  ).toBeLessThan(100)
})

test('the reference page has a section and a table row for every option', () => {
  const page = renderReference(COMMANDS)
  for (const { name, options } of COMMANDS) {
    expect(page).toContain(`## posterior ${name}`)
    for (const option of options) expect(page).toContain(`--${option.name}`)
  }
})

test.each(COMMANDS)('the examples of $name are understood', ({ examples }) => {
  for (const example of examples) {
    const [npx, posterior, verb, ...args] = shellWords(example)
    expect([npx, posterior]).toEqual(['npx', 'posterior'])
    const command = COMMANDS.find(({ name }) => name === verb)!
    expect(() => parseArguments(command, args)).not.toThrow()
  }
})

test('no two options of a command share a name or a letter, and values have a placeholder', () => {
  for (const { options } of COMMANDS) {
    const letters = options.flatMap(({ short }) => short ?? [])
    expect(new Set(options.map(({ name }) => name)).size).toBe(options.length)
    expect(new Set(letters).size).toBe(letters.length)
    for (const { kind, value } of options) expect(value === undefined).toBe(kind === 'flag')
  }
})
