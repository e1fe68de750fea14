import type { Command } from '../command.ts'

/** `posterior validate`: are the files of a project right. */
export const validateCommand: Command = {
  name: 'validate',
  summary: 'Check the files of a studio project.',
  description: [
    'Check every file of the project in a folder: against its schema, and that names equal ids, that runs, versions and citations refer to what is there, that code is there, and that the runs can be trained.',
    'One line per finding, with file and line. An error keeps something from being used, and the exit code is 1. A warning says that a file is read, but written in another form than the published one, as other programs may not read it.',
  ],
  positionals: [{ name: '[DIR]', summary: 'Folder of the project; default: the current one.' }],
  options: [{ name: 'json', kind: 'flag', summary: 'Print JSON instead of text.' }],
  examples: ['npx posterior validate', 'npx posterior validate my-project --json'],
  async run(values, [folder], context) {
    const { validateProject } = await import('../project/validate-project.ts')
    return await validateProject({ values, folder, context })
  },
}
