import type { Command } from '../command.ts'

/** `posterior init`: a project to begin with. */
export const initCommand: Command = {
  name: 'init',
  summary: 'Begin a studio project in a folder.',
  description: [
    'Write a small project that is complete: a prior, a model, an eval and a run that trains a brain from them, with a README that says what to do next. Files that are there are never overwritten.',
  ],
  positionals: [{ name: '[DIR]', summary: 'Folder of the project; default: the current one.' }],
  options: [
    {
      name: 'name',
      kind: 'string',
      value: 'NAME',
      defaultText: 'the name of the folder',
      summary: 'Name of the project.',
    },
  ],
  examples: ['npx posterior init my-project', 'npx posterior init --name "Straight lines"'],
  async run(values, [folder], context) {
    const { initProject } = await import('../project/init-project.ts')
    return await initProject({ values, folder, context })
  },
}
