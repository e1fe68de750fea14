import type { Command } from '../command.ts'

/** `posterior export`: a project as one file. */
export const exportCommand: Command = {
  name: 'export',
  summary: 'Pack a studio project as an archive.',
  description: [
    'Write the project of a folder, or of a server, as a .tar.gz in the layout that every program of the field reads, each file in its published form. The same project gives the same bytes. Runs have their results with them, and with --brains their brains. Nothing in it tells of a machine, and files outside the layout are left out and listed.',
    'PROJECT@URL is a project of a server, by id or slug; PROJECT@ takes the server from POSTERIOR_URL. It needs a token in POSTERIOR_TOKEN.',
  ],
  positionals: [{ name: '[DIR|PROJECT@URL]', summary: 'What to pack; default: the current folder.' }],
  options: [
    {
      name: 'out',
      short: 'o',
      kind: 'string',
      value: 'FILE',
      defaultText: 'the slug of the project with .tar.gz, in the current folder',
      summary: 'File to write, or - for stdout.',
    },
    { name: 'brains', kind: 'flag', summary: 'With the brains of completed runs.' },
  ],
  examples: [
    'npx posterior export my-project --out my-project.tar.gz',
    'npx posterior export lines@http://127.0.0.1:8000',
  ],
  async run(values, [source], context) {
    const { exportProject } = await import('../project/export-project.ts')
    return await exportProject({ values, source, context })
  },
}
